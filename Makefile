# The work is done by course.py; this file only finds a Python that runs it.

COMMANDS := lab class test check lint notebooks solutions pack picture colab site evidence lock bench clean

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -I -c "import sys; sys.exit(sys.version_info < (3, 8))" 2>/dev/null && echo $$p && break; done)
endif

.PHONY: help $(COMMANDS)

help:
	@$(if $(PYTHON),"$(PYTHON)" -I -X utf8 course.py,echo "$(no_python)" >&2; exit 1)

$(COMMANDS):
	@$(if $(PYTHON),"$(PYTHON)" -I -X utf8 course.py $@ $(ARGS) $(ADDRESS),echo "$(no_python)" >&2; exit 1)

no_python = The course needs Python 3.11, 3.12 or 3.13, but PATH has no Python from 3.8 on: \
install one of them and run the same command again.
