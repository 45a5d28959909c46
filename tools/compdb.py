#!/usr/bin/env python3
"""Print compile_commands.json: usage: compdb.py 'cc flags' file.c ..."""
import json
import os
import sys

print(json.dumps([{'directory': os.getcwd(), 'file': source,
                   'command': f'{sys.argv[1]} -c {source}'}
                  for source in sys.argv[2:]], indent=1))
