import { admins, inBody, json, ok, type Route } from './route.ts'
import { list, object, oneOf, ref, string } from './schema.ts'

export const managing: readonly Route[] = [
  {
    ...{ id: 'listCollections', path: '/api/collections', method: 'get', tag: 'Manage', keys: admins },
    summary: 'All collections.',
    answers: ok('Their definitions.', object({ collections: list(ref('Definition')) })),
    errors: ['unavailable'],
  },
  {
    ...{ id: 'getCollection', path: '/api/collections/:name', method: 'get', tag: 'Manage', keys: admins },
    summary: 'One collection.',
    answers: ok('Its definition.', ref('Definition')),
    errors: ['unknown_collection', 'unavailable'],
  },
  {
    ...{ id: 'putCollection', path: '/api/collections/:name', method: 'put', tag: 'Manage', keys: admins },
    summary: 'Makes a collection, or changes its definition as a whole.',
    body: json(ref('DefinitionInput')),
    answers: {
      200: { text: 'Changed.', content: json(ref('Definition')) },
      201: { text: 'Made.', content: json(ref('Definition')) },
    },
    errors: [...inBody, 'invalid_definition', 'conflict', 'unavailable', 'overloaded'],
  },
  {
    ...{
      id: 'deleteCollection',
      path: '/api/collections/:name',
      method: 'delete',
      tag: 'Manage',
      keys: admins,
    },
    summary: 'Erases a collection with its events and keys.',
    answers: { 204: { text: 'Erased.' } },
    errors: ['unknown_collection', 'conflict', 'unavailable', 'overloaded'],
  },
  {
    ...{ id: 'listKeys', path: '/api/collections/:name/keys', method: 'get', tag: 'Manage', keys: admins },
    summary: 'The keys of a collection; secret ones without the key itself.',
    answers: ok('Its keys.', object({ keys: list(ref('Key')) })),
    errors: ['unknown_collection', 'unavailable'],
  },
  {
    ...{ id: 'addKey', path: '/api/collections/:name/keys', method: 'post', tag: 'Manage', keys: admins },
    summary: 'Makes a key. A secret one is shown this once.',
    body: json(ref('KeyInput')),
    answers: { 201: { text: 'Made.', content: json(ref('NewKey')) } },
    errors: [...inBody, 'invalid_definition', 'unknown_collection', 'conflict', 'unavailable'],
  },
  {
    ...{
      id: 'removeKey',
      path: '/api/collections/:name/keys/:id',
      method: 'delete',
      tag: 'Manage',
      keys: admins,
    },
    summary: 'Removes a key: it is refused everywhere within a minute.',
    answers: { 204: { text: 'Removed.' } },
    errors: ['unknown_collection', 'unknown_key', 'conflict', 'unavailable'],
  },
]

/** For people. */
const page = { 'text/html': string }

export const watching: readonly Route[] = [
  {
    ...{ id: 'live', path: '/health/live', method: 'get', tag: 'Watch', keys: [] },
    summary: 'Whether the process lives.',
    answers: ok('It does.', object({ status: oneOf(['live']) })),
  },
  {
    ...{ id: 'ready', path: '/health/ready', method: 'get', tag: 'Watch', keys: [] },
    summary: 'Whether the store takes writes.',
    answers: {
      ...ok(
        'It does.',
        object({ status: oneOf(['ready']), durability: oneOf(['always', 'everysec', 'memory']) }),
      ),
      503: { text: 'It does not.', content: json(object({ status: string, code: oneOf(['unavailable']) })) },
    },
  },
  {
    ...{ id: 'metrics', path: '/metrics', method: 'get', tag: 'Watch', keys: admins },
    summary: 'What the operator watches, as OpenMetrics text.',
    answers: { 200: { text: 'The samples.', content: { 'application/openmetrics-text': string } } },
    errors: ['unavailable'],
  },
  {
    ...{ id: 'whoami', path: '/api/whoami', method: 'get', tag: 'Watch', keys: [] },
    summary: 'What the server sees of the caller.',
    answers: ok('Address, place and agent.', ref('Whoami')),
  },
  {
    ...{ id: 'openapi', path: '/api/openapi.json', method: 'get', tag: 'Watch', keys: [] },
    summary: 'This description.',
    answers: ok('OpenAPI 3.1.', { type: 'object' }),
  },
  {
    ...{ id: 'docs', path: '/api/docs', method: 'get', tag: 'Watch', keys: [] },
    summary: 'This description as a page.',
    answers: { 200: { text: 'The page.', content: { 'text/html': string } } },
  },
  {
    ...{ id: 'dashboard', path: '/', method: 'get', tag: 'Watch', keys: [] },
    summary: 'The dashboard, for browsers: what it shows is in the query, as docs/dashboard.md tells.',
    answers: {
      200: {
        text: 'A page, a list as CSV, or events as they come.',
        content: {
          'text/html': string,
          'text/csv': string,
          'text/event-stream': string,
          'text/plain': string,
        },
      },
      303: { text: 'What a form or a link said, in an address as links have it.' },
      ...Object.fromEntries(
        [403, 404, 422].map((status) => [status, { text: 'A page that says why.', content: page }]),
      ),
    },
    errors: ['key_in_url', 'unavailable'],
  },
  {
    ...{ id: 'act', path: '/', method: 'post', tag: 'Watch', keys: [] },
    summary:
      'What the forms of the pages do: sign in and out, how pages look, links to a dashboard, what an admin manages, saved views.',
    body: {
      'application/x-www-form-urlencoded': object({
        do: oneOf([
          ...[
            'sign-in',
            'sign-out',
            'look',
            'open-link',
            'add-link',
            'remove-link',
            'save-view',
            'drop-view',
          ],
          ...['create', 'settings', 'add-key', 'revoke-key', 'annotate', 'unannotate', 'erase', 'restore'],
          'delete',
        ]),
      }),
    },
    answers: {
      201: { text: 'A page with the link that was made: the only time it is seen.', content: page },
      303: { text: 'Done; to the page to go on with.' },
      ...Object.fromEntries(
        [401, 403].map((status) => [status, { text: 'The key does not open it.', content: page }]),
      ),
      ...Object.fromEntries(
        [404, 409, 422].map((status) => [status, { text: 'A page that says why not.', content: page }]),
      ),
    },
    errors: ['rate_limited', 'malformed_body', 'too_large', 'unavailable'],
  },
  {
    ...{ id: 'staticFile', path: '/assets/:file', method: 'get', tag: 'Watch', keys: [] },
    summary: 'Style, script and sign of the pages.',
    answers: {
      200: {
        text: 'The file.',
        content: { 'text/css': string, 'text/javascript': string, 'image/svg+xml': string },
      },
      304: { text: 'As it was.' },
    },
    errors: ['not_found'],
  },
  ...['s.js', 'vitals.js', 'errors.js', 'outbox.js', 'optout.js'].map((file) => trackerFile(file)),
  {
    ...{ id: 'optout', path: '/optout', method: 'get', tag: 'Watch', keys: [] },
    summary: 'Where a visitor says not to be counted, and reads what is collected.',
    answers: { 200: { text: 'The page.', content: page }, 304: { text: 'As it was.' } },
  },
]

function trackerFile(file: string): Route {
  return {
    ...{ id: file.replace('.', '_'), path: `/${file}`, method: 'get', tag: 'Watch', keys: [] },
    summary: 'A script that pages of any site load, see docs/tracker.md.',
    answers: {
      200: { text: 'The script.', content: { 'text/javascript': string } },
      304: { text: 'As it was.' },
    },
  }
}
