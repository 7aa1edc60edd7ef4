"""Exports of participation platforms (Decidim, Consul Democracy), made into elections that can be counted."""
