"""A copy of the database on another disk: base backups, and every change since as it is written.

`folder` is how it is laid out, `plan` what is kept and made when, `keeper` keeps it, `recovery`
makes a database of it again. Imports db and embedded; operation imports it.
"""
