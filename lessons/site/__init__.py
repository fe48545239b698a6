"""The course as a folder of static pages, that any host or a USB stick serves: `make site`."""
