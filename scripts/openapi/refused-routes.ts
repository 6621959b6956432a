import { q } from './event-routes.ts'
import { admins, asked, inBody, json, ok, type Route, readers } from './route.ts'
import { count, object, ref } from './schema.ts'

export const refused: readonly Route[] = [
  {
    ...{ id: 'refused', path: '/:collection/refused', method: 'get', tag: 'Refused events', keys: readers },
    summary: 'What was refused: numbers by reason and day, agents, the newest events.',
    answers: ok('The last 30 days.', ref('Refused')),
    errors: asked,
  },
  {
    ...{
      id: 'queryRefused',
      path: '/:collection/refused/query',
      method: 'post',
      tag: 'Refused events',
      keys: readers,
    },
    summary: 'A query over refused events, with the dimensions event:refusal and event:bot.',
    body: json(ref('Query')),
    answers: ok('The report.', ref('Report')),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
  {
    ...{
      id: 'queryRefusedInUrl',
      path: '/:collection/refused/query',
      method: 'get',
      tag: 'Refused events',
      keys: readers,
    },
    summary: 'The same, the query in the URL.',
    query: q,
    answers: ok('The report.', ref('Report')),
    errors: [...asked, 'malformed_body', 'invalid_query'],
  },
  {
    ...{
      id: 'restore',
      path: '/:collection/refused/restore',
      method: 'post',
      tag: 'Refused events',
      keys: admins,
    },
    summary: 'Counts refused events after all.',
    body: json(ref('Restore')),
    answers: ok('How many.', object({ restored: count })),
    errors: [...asked, ...inBody, 'invalid_query'],
  },
]
