"""What differs between places: settings, places, calendars, services. Imports nothing else of ours."""
