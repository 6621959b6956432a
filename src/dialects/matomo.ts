import type { SkerryError } from '../errors.ts'
import { ENGAGEMENT, eventLimits } from '../event.ts'
import { gif } from '../gif.ts'
import { isObject, parseJson } from '../json.ts'
import { empty, json, type Reply, type ReplyHeaders } from '../reply.ts'
import {
  type Dialect,
  type ForeignBeacon,
  type ForeignRequest,
  type Reading,
  refusedHeader,
} from './dialect.ts'
import { cut, eventNameOf, propsOf, textOf } from './values.ts'

/** Parameters of one request: the value of a name, undefined where there is none or it is blank. */
type Parameters = (name: string) => string | undefined

type Members = Readonly<Record<string, unknown>>

/** Matomo's Tracking API, `GET|POST /matomo.php`: one request in the query or a form, or many in JSON. */
export const matomo: Dialect = {
  async read(request): Promise<ForeignBeacon> {
    const text = request.method === 'POST' ? (await request.text()).trim() : ''
    if (text.startsWith('{')) return readBulk(parseJson(text), request)
    const form = new URLSearchParams(text)
    const all = new Map([...request.url.searchParams, ...form])
    return {
      readings: [readOne(all, request)],
      key: form.get('token_auth') ?? undefined,
      form: all.get('send_image') === '0' ? 'empty' : undefined,
    }
  },
  answer(outcomes, form): Reply {
    const [first = { is: 'stored' }] = outcomes
    const headers = refusedHeader(outcomes)
    if (form === 'bulk') {
      const count = (...kinds: readonly string[]): number =>
        outcomes.filter(({ is }) => kinds.includes(is)).length
      const counts = { tracked: count('stored'), invalid: count('invalid', 'unknown') }
      return json({ status: 'success', ...counts }, 200, headers)
    }
    if (first.is === 'unknown')
      return told(
        `An unexpected website was found in the request: website id was set to '${first.site.slice(0, 100)}'`,
      )
    if (first.is === 'invalid') return told(first.fault.detail)
    return form === 'empty' ? empty(204, headers) : gif(200, headers)
  },
  refuse: ({ status, message, headers }: SkerryError) =>
    status === 422 ? told(message, headers) : undefined,
}

function told(text: string, headers: ReplyHeaders = {}): Reply {
  return { status: 400, body: text, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' } }
}

function readBulk(body: unknown, request: ForeignRequest): ForeignBeacon {
  const { requests, token_auth: key } = isObject(body) ? body : {}
  const list: readonly unknown[] = Array.isArray(requests) ? requests : [undefined]
  return { readings: list.map((one) => readBulkItem(one, request)), key: textOf(key), form: 'bulk' }
}

/** A query, with or without what stands before it, or its members. */
function readBulkItem(one: unknown, request: ForeignRequest): Reading {
  if (typeof one === 'string')
    return readOne(new Map(new URLSearchParams(one.slice(one.indexOf('?') + 1))), request)
  if (!isObject(one)) return { pointer: '', detail: 'must be a query' }
  return readOne(new Map(Object.entries(one)), request)
}

function readOne(all: ReadonlyMap<string, unknown>, { header }: ForeignRequest): Reading {
  const get: Parameters = (name) => textOf(all.get(name))
  const site = get('idsite')
  if (site === undefined) return { pointer: '/idsite', detail: 'idsite is missing' }
  if (get('rec') !== '1') return { pointer: '/rec', detail: 'rec must be 1' }
  const agent = cut(get('ua'), eventLimits.tag)
  const isClient = (agent ?? header('user-agent') ?? '') === ''
  const { props, ...what } = whatOf(get)
  const dimensions = [...all].filter(([name]) => /^dimension\d+$/.test(name))
  const item = {
    page: withCommonTags(get('url')),
    referrer: cut(get('urlref'), eventLimits.referrer),
    title: cut(get('action_name'), eventLimits.title),
    screen: cut(get('res'), eventLimits.text),
    language: cut(get('lang'), eventLimits.text),
    ...what,
    props: propsOf({ ...props, ...Object.fromEntries(dimensions) }, false),
    ...knownOf(get),
  }
  return { sites: [site], item, agent, isClient }
}

const OWN_TAG = /([?&])(?:mtm|pk)_(campaign|source|medium|content|keyword|kwd)=/gi

/** A URL in which a campaign's tags have the names that all others give them. */
function withCommonTags(url: string | undefined): string | undefined {
  return url?.replace(OWN_TAG, (_, sign: string, name: string) => {
    const common = name.toLowerCase()
    return `${sign}utm_${common.startsWith('k') ? 'term' : common}=`
  })
}

/** What happened. Nothing of these is a page view, which has only a URL. */
function whatOf(get: Parameters): { readonly name?: string | undefined; readonly props?: Members } & Members {
  const [category, action] = [get('e_c'), get('e_a')]
  if (category !== undefined || action !== undefined)
    return {
      name: eventNameOf(action ?? category),
      props: { category, label: get('e_n'), value: get('e_v') },
    }
  if (get('download') !== undefined) return { name: 'download', props: { url: get('download') } }
  if (get('link') !== undefined) return { name: 'outlink', props: { url: get('link') } }
  if (get('search') !== undefined)
    return {
      name: 'search',
      props: { search: get('search'), category: get('search_cat'), count: get('search_count') },
    }
  if (get('idgoal') !== undefined) return goalOf(get)
  if (get('c_n') !== undefined)
    return {
      name: 'content',
      props: { content: get('c_n'), piece: get('c_p'), target: get('c_t'), action: get('c_i') },
      // It was only seen.
      ...(get('c_i') === undefined && { interactive: false }),
    }
  if (get('ping') === '1') return { name: ENGAGEMENT, interactive: false }
  return get('ca') === '1' ? { name: 'action' } : {}
}

/** Goal 0 is the shop's: an order, or a cart that changes. */
function goalOf(get: Parameters): { readonly name: string; readonly props: Members } {
  const [goal, revenue, order] = [get('idgoal'), get('revenue'), get('ec_id')]
  if (goal !== '0') return { name: 'goal', props: { goal, revenue, order } }
  return { name: order === undefined ? 'cart' : 'order', props: { revenue, order } }
}

/** What only a server key may say. */
function knownOf(get: Parameters): Members {
  const [country, region] = [get('country')?.toUpperCase(), get('region')?.toUpperCase()]
  return {
    visitor: cut(get('uid') ?? get('cid') ?? get('_id'), eventLimits.text),
    address: cut(get('cip'), eventLimits.text),
    time: timeOf(get('cdt')),
    country,
    region: country !== undefined && region !== undefined ? `${country}-${region}` : undefined,
    city: cut(get('city'), eventLimits.text),
  }
}

/** Seconds since 1970, or a date and time in UTC; what is neither is told as the fault it is. */
function timeOf(cdt: string | undefined): unknown {
  if (cdt === undefined) return undefined
  if (/^\d{9,11}$/.test(cdt)) return Number(cdt) * 1000
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(cdt) ? `${cdt.replace(' ', 'T')}Z` : cdt
}
