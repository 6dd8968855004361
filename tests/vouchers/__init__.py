"""Vouchers: given, kept, used, taken back; and what they pay."""
