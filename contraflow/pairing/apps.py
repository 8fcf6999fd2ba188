from django.apps import AppConfig


class PairingConfig(AppConfig):
    name = "contraflow.pairing"
