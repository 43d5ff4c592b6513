copy plinth.countries (start, "end", country) from stdin (format binary)
