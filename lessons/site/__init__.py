"""The course as a folder of static pages, for any host or a USB stick: `make site`."""
