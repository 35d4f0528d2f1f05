"""The two servers that run the application, gunicorn and granian, and the command that starts them."""
