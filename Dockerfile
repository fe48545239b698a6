# For a laptop (docker run -p 8888:8888 IMAGE) or a hub, which adds its own version of jupyterhub
# by a layer on top: FROM this image, RUN python -m pip install jupyterhub==…
FROM python:3.12-slim
WORKDIR /course
COPY . .
ENV UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1
RUN python course.py lab --version
ENV PATH="/course/.venv/bin:$PATH"
EXPOSE 8888
CMD ["python3", "course.py", "lab", "--no-browser", "--ip=0.0.0.0"]
