"""Login: users of web pages and mini programs. Their tokens and session keys stay here, sealed."""

from .sealing import Sealer, sealer_of
