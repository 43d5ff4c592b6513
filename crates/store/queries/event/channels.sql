select plinth.channel(topic) as channel, topic from unnest(array['events', 'actions', 'policies']) as topic
