lock table plinth.resources in share row exclusive mode
