"""The whole put together: the command line, and the processes it starts. Only this package knows every service."""
