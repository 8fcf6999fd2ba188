"""From a spreadsheet of people to what it would change: files, columns, rows, plan, writing.

`files` opens what was uploaded, `columns` says which column means what, `rows` reads a row,
`plan` compares all rows with each other and with the people there are, `writing` applies it.
"""
