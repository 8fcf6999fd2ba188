"""Run Django's own commands; people who run Contraflow use `contraflow` instead."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contraflow.config.settings")
execute_from_command_line(sys.argv)
