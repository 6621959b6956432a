import { isObject, tryParse } from '../json.ts'
import { logTime, readRequest } from './log-request.ts'
import { type LineFormat, unreadable, utcOf } from './reading.ts'

type Json = Readonly<Record<string, unknown>>

/** Caddy's own form: https://caddyserver.com/docs/logging */
export const caddyLog: LineFormat = {
  name: 'caddy',
  meaning: 'access logs of Caddy in JSON',
  kind: 'lines',
  matches: (line) => isObject(objectOf(line)?.request) && objectOf(line)?.ts !== undefined,
  read(line, options) {
    const entry = objectOf(line)
    const request = entry?.request
    if (!entry || !isObject(request)) return unreadable
    const headers = isObject(request.headers) ? request.headers : {}
    const header = (name: string) => first(headers[name])
    return readRequest(
      {
        time: timeOf(entry.ts),
        method: first(request.method),
        target: first(request.uri),
        status: Number(entry.status),
        address: first(request.client_ip ?? request.remote_ip) || withoutPort(first(request.remote_addr)),
        host: withoutPort(first(request.host)),
        agent: header('User-Agent') || '-',
        referrer: header('Referer'),
        languages: header('Accept-Language'),
      },
      options,
    )
  },
}

/** What operators call the members of a `log_format escape=json`: there is no form of nginx's own. */
const NAMES = {
  time: ['time_iso8601', 'time_local', 'msec', '@timestamp', 'timestamp', 'time'],
  request: ['request'],
  method: ['request_method', 'method'],
  target: ['request_uri', 'uri', 'path', 'url'],
  status: ['status'],
  address: ['remote_addr', 'client_ip', 'clientip', 'remote_ip', 'ip'],
  host: ['host', 'http_host', 'server_name', 'vhost'],
  agent: ['http_user_agent', 'user_agent', 'agent', 'useragent'],
  referrer: ['http_referer', 'http_referrer', 'referer', 'referrer'],
  languages: ['http_accept_language', 'accept_language'],
} as const

/** nginx in JSON. */
export const nginxLog: LineFormat = {
  name: 'nginx-json',
  meaning:
    'access logs in JSON by variables of nginx (time_iso8601, remote_addr, request_uri or request, status …)',
  kind: 'lines',
  matches: (line) => {
    const entry = objectOf(line)
    return entry !== undefined && get(entry, 'status') !== '' && get(entry, 'address') !== ''
  },
  read(line, options) {
    const entry = objectOf(line)
    if (!entry) return unreadable
    const [method = '', target = ''] = get(entry, 'request').split(' ')
    return readRequest(
      {
        time: timeOf(NAMES.time.map((name) => entry[name]).find((value) => value !== undefined)),
        method: get(entry, 'method') || method,
        target: get(entry, 'target') || target,
        status: Number(get(entry, 'status') || Number.NaN),
        address: get(entry, 'address'),
        host: withoutPort(get(entry, 'host')),
        agent: get(entry, 'agent') || '-',
        referrer: get(entry, 'referrer'),
        languages: get(entry, 'languages'),
      },
      options,
    )
  },
}

function get(entry: Json, fact: keyof typeof NAMES): string {
  for (const name of NAMES[fact]) if (Object.hasOwn(entry, name)) return first(entry[name])
  return ''
}

function objectOf(line: string): Json | undefined {
  const value = line.startsWith('{') ? tryParse(line) : undefined
  return isObject(value) ? value : undefined
}

/** Caddy keeps headers as lists. */
function first(value: unknown): string {
  const one: unknown = Array.isArray(value) ? value[0] : value
  return typeof one === 'string' || typeof one === 'number' ? String(one) : ''
}

/** Seconds since 1970, ISO 8601 or the form of access logs. */
function timeOf(value: unknown): string | undefined {
  const text = first(value)
  const seconds = /^\d{9,11}(?:\.\d+)?$/.test(text) ? Number(text) : undefined
  return seconds === undefined ? (utcOf(text) ?? logTime(text)) : new Date(seconds * 1000).toISOString()
}

/** A host, or an address, without the port behind it. */
function withoutPort(text: string): string {
  return text.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^([^:]*):\d+$/, '$1')
}
