date_bin($7::double precision * interval '1 second', point.at, timestamptz 'epoch')
