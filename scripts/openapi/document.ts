import { type ProblemCode, problems } from '../../src/errors.ts'
import type { Answer, Parameter, Route } from './route.ts'
import { problem, ref, type Schema } from './schema.ts'
import { schemas } from './schemas.ts'

/** The description of all routes: OpenAPI 3.1. */
export function openapi(routes: readonly Route[]): Schema {
  const paths: Record<string, Record<string, Schema>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Skerry',
      version: '1',
      description:
        'Collects page views and events, and answers questions about them. HEAD works where GET does. Times are ms where nothing else is said.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key of any kind; the scheme may be Key too.' },
        writeKey: { type: 'apiKey', in: 'query', name: 'key', description: 'A write key, which is public.' },
      },
    },
  }
}

function operation(route: Route): Schema {
  const { id, tag, summary, keys, body, answers } = route
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => pathParameter(name))
  const inQuery = Object.entries(route.query ?? {}).filter(([name]) => name !== 'key')
  return {
    operationId: id,
    tags: [tag],
    summary,
    'x-keys': keys,
    security: keys.length === 0 ? [] : [{ key: [] }, ...(keys.includes('write') ? [{ writeKey: [] }] : [])],
    parameters: [...inPath, ...inQuery.map(queryParameter)],
    ...(body && { requestBody: { required: id !== 'collect', content: contentsOf(body) } }),
    responses: { ...errorsOf(route), ...Object.fromEntries(Object.entries(answers).map(answerOf)) },
  }
}

function pathParameter(name: string): Schema {
  const schema =
    name === 'collection' || name === 'name'
      ? { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' }
      : { type: 'string' }
  return { name, in: 'path', required: true, schema }
}

function queryParameter([name, { text, schema = { type: 'string' }, isRequired = false }]: [
  string,
  Parameter,
]): Schema {
  return { name, in: 'query', required: isRequired, description: text, schema }
}

function contentsOf(contents: Readonly<Record<string, Schema>>): Schema {
  return Object.fromEntries(Object.entries(contents).map(([type, schema]) => [type, { schema }]))
}

function answerOf([status, { text, content, headers }]: [string, Answer]): [string, Schema] {
  const named = Object.entries(headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ])
  return [
    status,
    {
      description: text,
      ...(headers && { headers: Object.fromEntries(named) }),
      ...(content && { content: contentsOf(content) }),
    },
  ]
}

/** What every route may refuse, and what those with a key may. */
const everywhere: readonly ProblemCode[] = ['internal']
const withKey: readonly ProblemCode[] = ['key_in_url', 'unauthorized', 'forbidden', 'unavailable']

/** Errors by status: a problem document with one of the codes, or what the other product would answer. */
function errorsOf(route: Route): Readonly<Record<string, Schema>> {
  if (route.tag === 'Trackers') return { ...byWords(TRACKING, '*/*', {}), ...byCodes(OURS) }
  if (route.tag === 'Plausible') return byWords(ASKING, 'application/json', ref('PlausibleError'))
  if (route.tag === 'Umami') {
    const words = { ...ASKING, 404: 'No such website, said to admin keys.' }
    return byWords(words, 'application/json', ref('UmamiError'))
  }
  const codes = new Set([...(route.keys.length > 0 ? withKey : []), ...(route.errors ?? []), ...everywhere])
  return byCodes([...codes])
}

/** Statuses of other products' answers, which have words of their own. */
const ASKING = {
  400: 'A bad question.',
  401: 'A wrong key or site.',
  413: 'Too large.',
  415: 'Not read.',
  500: 'A mistake of ours.',
  503: 'Not now.',
} as const
const TRACKING = {
  400: 'Not read, or for an unknown site.',
  401: 'A wrong key.',
  403: 'A key of another kind or site.',
  413: 'Too large or too many.',
  415: 'Not read.',
  429: 'Too fast.',
} as const
const OURS: readonly ProblemCode[] = ['internal', 'unavailable', 'overloaded']

function byWords(
  words: Readonly<Record<number, string>>,
  type: string,
  schema: Schema,
): Readonly<Record<string, Schema>> {
  const content = contentsOf({ [type]: schema })
  return Object.fromEntries(
    Object.entries(words).map(([status, description]) => [status, { description, content }]),
  )
}

function byCodes(codes: readonly ProblemCode[]): Readonly<Record<string, Schema>> {
  const byStatus = Map.groupBy(codes, (code) => problems[code][0])
  return Object.fromEntries([...byStatus].map(([status, some]) => [String(status), refusal(some)]))
}

function refusal(codes: readonly ProblemCode[]): Schema {
  return {
    description: codes.map((code) => `${code}: ${problems[code][1]}`).join('; '),
    content: contentsOf({ 'application/problem+json': problem(codes) }),
  }
}
