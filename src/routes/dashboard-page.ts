import type { Client } from '../client.ts'
import type { SkerryContext } from '../context.ts'
import { cookie, isHttps, lookOf, readCookie } from '../dashboard/cookies.ts'
import { figuresOf } from '../dashboard/figures.ts'
import { faultPage } from '../dashboard/other-pages.ts'
import type { Markup, News, Scene } from '../dashboard/scene.ts'
import { wordsOf } from '../dashboard/words.ts'
import { problems, SkerryError } from '../errors.ts'
import type { Guests } from '../guests.ts'
import { type Gzip, gzipped } from '../gzip.ts'
import { PRIVATE } from '../headers.ts'
import type { Listeners } from '../listeners.ts'
import type { Asset } from '../lists.ts'
import type { Principal } from '../registry.ts'
import { empty, type Reply } from '../reply.ts'
import type { Sessions } from '../session.ts'
import type { StaticFiles } from '../static-files.ts'
import type { CollectionsOptions } from './collections.ts'

export interface DashboardOptions extends CollectionsOptions {
  readonly sessions: Sessions
  readonly guests: Guests
  readonly files: StaticFiles
  /** Who sends a request, as far as somebody tells who is believed. */
  readonly client: (c: SkerryContext) => Client
  readonly asset: Asset
  readonly now: () => number
  readonly listeners: Listeners
  /** A clock that never goes back, ms. */
  readonly clock: () => number
  readonly gzip?: Gzip | undefined
}

/** No script, style or frame but our own, and no text becomes a script (CSP level 3, Trusted Types). */
const CSP = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"],
  ...["connect-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"],
  ...["require-trusted-types-for 'script'", "trusted-types 'none'"],
].join('; ')

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...PRIVATE,
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': CSP,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** What a page needs of a request. */
export async function sceneOf(
  c: SkerryContext,
  { files, registry, asset }: DashboardOptions,
  principal: Principal | undefined,
): Promise<Scene> {
  const look = lookOf(sourceOf(c))
  const [style, script, icon, world] = await Promise.all(
    ['dashboard.css', 'dashboard.js', 'dashboard.svg', 'world.svg'].map((name) => files.address(name)),
  )
  const isAdmin = principal?.kind === 'admin'
  const own = principal?.collection
  const all = isAdmin ? (await registry.definitions()).map(({ name }) => name) : []
  return {
    look,
    words: await wordsOf(look.language, asset),
    figures: figuresOf(look.locale),
    files: { style: style ?? '', script: script ?? '', icon: icon ?? '', world: world ?? '' },
    here: new URL(c.req.url).search,
    isAdmin,
    isSignedIn: principal !== undefined,
    sites: own === undefined ? all : [own],
    news: readNews(c),
  }
}

/** The request as cookies see it. */
export function sourceOf({ req }: SkerryContext): Parameters<typeof lookOf>[0] {
  return { url: req.url, header: (name) => req.header(name) }
}

/** Who signed in and still may look. */
export async function signedIn(c: SkerryContext, sessions: Sessions): Promise<Principal | undefined> {
  const token = readCookie(sourceOf(c), 'session')
  const principal = token ? await sessions.find(token) : undefined
  return principal && mayLook(principal) ? principal : undefined
}

/** How long what was done is kept to be told. */
const NEWS_SECONDS = 60

/** To a page, which tells what was done: once, and only to the browser that did it. */
export function goOn(c: SkerryContext, location: string, news?: News): Reply {
  const told = news && {
    'Set-Cookie': cookie(sourceOf(c), 'news', `${news.done}.${news.what}`, NEWS_SECONDS),
  }
  return empty(303, { ...PRIVATE, Location: location, ...told })
}

function readNews(c: SkerryContext): News | undefined {
  const [, done, what] = /^([a-z]+)\.([\w.-]*)$/.exec(readCookie(sourceOf(c), 'news') ?? '') ?? []
  return done === undefined || what === undefined ? undefined : { done, what }
}

/** A page on which what was done is told, and not again. */
export function afterNews(c: SkerryContext, scene: Scene, reply: Reply): Reply {
  if (!scene.news) return reply
  return { ...reply, headers: { ...reply.headers, 'Set-Cookie': cookie(sourceOf(c), 'news', '', 0) } }
}

/** The address under which browsers know us. The proxy in front may speak HTTPS for us: who is believed says so, or the browser. */
export function originOf(c: SkerryContext, { client }: Pick<DashboardOptions, 'client'>): string {
  const { protocol, host } = new URL(c.req.url)
  return `${isHttps(sourceOf(c)) || client(c).isHttps ? 'https:' : protocol}//${host}`
}

/** What somebody asked for that cannot be, in words. Faults of ours are not told here. */
export async function fault(
  c: SkerryContext,
  options: DashboardOptions,
  scene: Scene,
  error: unknown,
): Promise<Reply> {
  if (!(error instanceof SkerryError) || error.status >= 500) throw error
  const detail = error.faults[0]?.detail ?? error.message
  const reply = await page(c, options, faultPage(scene, problems[error.code][1], detail))
  return { ...reply, status: error.status }
}

/** Whether somebody may see pages. */
export function mayLook({ kind }: Principal): boolean {
  return kind === 'read' || kind === 'admin'
}

/** A page, sent piece by piece. What goes wrong before its first piece is answered as such. */
export async function page(
  c: SkerryContext,
  { gzip }: DashboardOptions,
  body: Markup | AsyncGenerator<Markup>,
): Promise<Reply> {
  const pieces = isGenerator(body) ? body : single(body)
  const first = await pieces.next()
  return gzipped(c, { status: 200, body: streamOf(first, pieces), headers: PAGE_HEADERS }, gzip)
}

function isGenerator(body: Markup | AsyncGenerator<Markup>): body is AsyncGenerator<Markup> {
  return Symbol.asyncIterator in body
}

async function* single(markup: Markup): AsyncGenerator<Markup> {
  yield markup
}

const encoder: TextEncoder = new TextEncoder()

function streamOf(first: IteratorResult<Markup>, pieces: AsyncGenerator<Markup>): ReadableStream<Uint8Array> {
  let next = Promise.resolve(first)
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const { value, done } = await next
      if (done) return controller.close()
      controller.enqueue(encoder.encode(String(await value)))
      next = pieces.next()
      next.catch(() => {})
    },
    async cancel(): Promise<void> {
      await pieces.return(undefined)
    },
  })
}
