select revision, document from plinth.products order by revision desc limit 1
