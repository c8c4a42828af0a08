"""The one exception of the generator."""


class HeaderError(Exception):
    """Something in the header that the generator refuses."""

    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: {message}")
        self.line = line
        self.message = message
