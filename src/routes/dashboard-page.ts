import type { Collection, CollectionDefinition } from '../collection.ts'
import type { SkerryContext } from '../context.ts'
import { lookOf, readCookie } from '../dashboard/cookies.ts'
import { figuresOf } from '../dashboard/figures.ts'
import type { Markup, Scene } from '../dashboard/scene.ts'
import { wordsOf } from '../dashboard/texts.ts'
import type { Guests } from '../guests.ts'
import { type Gzip, gzipped } from '../gzip.ts'
import { PRIVATE } from '../headers.ts'
import type { Listeners } from '../listeners.ts'
import type { Asset } from '../lists.ts'
import type { Principal, Registry } from '../registry.ts'
import type { Reply } from '../reply.ts'
import type { Sessions } from '../session.ts'
import type { StaticFiles } from '../static-files.ts'

export interface DashboardOptions {
  readonly registry: Registry
  readonly sessions: Sessions
  readonly guests: Guests
  readonly files: StaticFiles
  readonly asset: Asset
  readonly open: (definition: CollectionDefinition) => Collection
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
