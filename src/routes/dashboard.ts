import { readFilters } from '../asking/query-reader.ts'
import { bodyLimits, bodyText, readBody } from '../body.ts'
import type { Collection, CollectionDefinition } from '../collection.ts'
import type { Layer, SkerryContext } from '../context.ts'
import { cookie, lookOf, readCookie } from '../dashboard/cookies.ts'
import { detailCsv, detailPage } from '../dashboard/detail-page.ts'
import { figuresOf } from '../dashboard/figures.ts'
import { emptyPage, faultPage, overviewPage, signInPage } from '../dashboard/other-pages.ts'
import { ask } from '../dashboard/question.ts'
import { currentText, reportPage } from '../dashboard/report-page.ts'
import { toQueryFilters } from '../dashboard/row-filter.ts'
import { type Markup, type ReportScene, type Scene, themes } from '../dashboard/scene.ts'
import { languageNames, wordsOf } from '../dashboard/texts.ts'
import { hrefOf, readView, type View, viewOf } from '../dashboard/view.ts'
import { problems, SkerryError } from '../errors.ts'
import { type Gzip, gzipped } from '../gzip.ts'
import { PRIVATE } from '../headers.ts'
import { refuseKeysInUrl } from '../middleware/auth.ts'
import type { Principal, Registry } from '../registry.ts'
import { empty, type Reply } from '../reply.ts'
import { type Sessions, sessionLimits } from '../session.ts'
import type { StaticFiles } from '../static-files.ts'

export interface DashboardOptions {
  readonly registry: Registry
  readonly sessions: Sessions
  readonly files: StaticFiles
  readonly open: (definition: CollectionDefinition) => Collection
  readonly now: () => number
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

/** The pages: which one, its URL says. */
export function dashboard(options: DashboardOptions): Layer {
  const { registry, sessions } = options
  return async function dashboard(c): Promise<Reply> {
    await refuseKeysInUrl(c, registry)
    const principal = await signedIn(c, sessions)
    const scene = await sceneOf(c, options, principal)
    try {
      if (!principal) return await page(c, options, signInPage(scene))
      return await show(c, options, scene)
    } catch (error) {
      return await fault(c, options, scene, error)
    }
  }
}

async function show(c: SkerryContext, options: DashboardOptions, scene: Scene): Promise<Reply> {
  const params = new URL(c.req.url).searchParams
  const read = readView(params)
  const site = read.site ?? (scene.isAdmin ? undefined : scene.sites[0])
  const view: View = { ...read, site }
  // What a form has said is put into the address as links have it.
  if (['from', 'fd'].some((name) => params.has(name))) return empty(303, { Location: hrefOf(view) })
  if (site === undefined) return page(c, options, overviewPage(scene, await allOf(options, scene)))
  const definition = scene.sites.includes(site) ? await options.registry.definition(site) : undefined
  if (!definition) throw new SkerryError(scene.isAdmin ? 'unknown_collection' : 'forbidden')
  const collection = options.open(definition)
  const isEmpty = await collection.isEmpty()
  if (params.get('part') === 'current') {
    if (isEmpty) return empty(204, PRIVATE)
    const headers = { ...PRIVATE, 'Content-Type': 'text/plain; charset=utf-8' }
    const shown = await reportScene(scene, { ...view, period: 'realtime' }, collection, options.now())
    return { status: 200, body: await currentText(shown), headers }
  }
  if (isEmpty) {
    const key = (await options.registry.keys(site)).find(({ kind }) => kind === 'write')?.key
    return page(c, options, emptyPage({ ...scene, view }, new URL(c.req.url).origin, key))
  }
  const report = await reportScene(scene, view, collection, options.now())
  if (view.detail === undefined) return page(c, options, reportPage(report))
  if (params.get('format') !== 'csv') return page(c, options, detailPage(report))
  const headers = {
    ...PRIVATE,
    'Content-Type': 'text/csv; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  }
  const name = `${site}-${view.detail.replace(/[^\w.-]+/g, '-')}.csv`
  const disposition = { 'Content-Disposition': `attachment; filename="${name}"` }
  return { status: 200, body: await detailCsv(report), headers: { ...headers, ...disposition } }
}

async function reportScene(
  scene: Scene,
  view: View,
  collection: Collection,
  now: number,
): Promise<ReportScene> {
  const filters = toQueryFilters(view.filters)
  readFilters(filters, collection.definition)
  const range = view.period ?? (await usualPeriod(collection))
  return {
    ...scene,
    view,
    collection,
    filters,
    period: { range, now, timezone: collection.definition.timezone },
  }
}

/** Thirty days; today where there is nothing but today. */
async function usualPeriod(collection: Collection): Promise<string> {
  const { results } = await ask(collection, { metrics: ['events'], date_range: '30d' })
  return Number(results[0]?.metrics[0] ?? 0) > 0 ? '30d' : 'day'
}

async function allOf({ registry, open }: DashboardOptions, { sites }: Scene): Promise<readonly Collection[]> {
  const definitions = await registry.definitions()
  return definitions.filter(({ name }) => sites.includes(name)).map(open)
}

async function sceneOf(
  c: SkerryContext,
  { files, registry }: DashboardOptions,
  principal: Principal | undefined,
): Promise<Scene> {
  const look = lookOf(sourceOf(c))
  const [style, script, icon] = await Promise.all(
    ['dashboard.css', 'dashboard.js', 'dashboard.svg'].map((name) => files.address(name)),
  )
  const isAdmin = principal?.kind === 'admin'
  const own = principal?.collection
  const all = isAdmin ? (await registry.definitions()).map(({ name }) => name) : []
  return {
    look,
    words: wordsOf(look.language),
    figures: figuresOf(look.locale),
    files: { style: style ?? '', script: script ?? '', icon: icon ?? '' },
    here: new URL(c.req.url).search,
    isAdmin,
    isSignedIn: principal !== undefined,
    sites: own === undefined ? all : [own],
  }
}

function sourceOf({ req }: SkerryContext): Parameters<typeof lookOf>[0] {
  return { url: req.url, header: (name) => req.header(name) }
}

async function signedIn(c: SkerryContext, sessions: Sessions): Promise<Principal | undefined> {
  const token = readCookie(sourceOf(c), 'session')
  const principal = token ? await sessions.find(token) : undefined
  return principal && mayLook(principal) ? principal : undefined
}

function mayLook({ kind }: Principal): boolean {
  return kind === 'read' || kind === 'admin'
}

const DAY_SECONDS = 86_400
const LOOK_SECONDS = 365 * DAY_SECONDS

/** Signing in and out, and how pages look: forms of the pages themselves. Forms of other sites are refused. */
export function act(options: DashboardOptions): Layer {
  return async function act(c): Promise<Reply> {
    refuseOthers(c)
    const form = new URLSearchParams(bodyText(await readBody(c.req, bodyLimits.beacon)))
    const source = sourceOf(c)
    const location = placeOf(form.get('back'))
    if (form.get('do') === 'sign-in') return signIn(c, options, form.get('key')?.trim() ?? '', location)
    if (form.get('do') === 'sign-out') {
      await options.sessions.end(readCookie(source, 'session') ?? '')
      return empty(303, { ...PRIVATE, Location: '/', 'Set-Cookie': cookie(source, 'session', '', 0) })
    }
    const theme = themes.find((one) => one === form.get('theme')) ?? 'system'
    const language = [...languageNames.keys()].find((one) => one === form.get('language')) ?? ''
    const look = cookie(
      source,
      'look',
      `${theme}.${language}.${form.has('keys') ? 'on' : 'off'}`,
      LOOK_SECONDS,
    )
    return empty(303, { ...PRIVATE, Location: location, 'Set-Cookie': look })
  }
}

async function signIn(
  c: SkerryContext,
  options: DashboardOptions,
  key: string,
  location: string,
): Promise<Reply> {
  const principal = key === '' ? undefined : await options.registry.identify(key)
  if (principal && mayLook(principal)) {
    const token = await options.sessions.begin(key)
    const session = cookie(sourceOf(c), 'session', token, sessionLimits.days * DAY_SECONDS)
    return empty(303, { ...PRIVATE, Location: location, 'Set-Cookie': session })
  }
  const scene = await sceneOf(c, options, undefined)
  const shown = { ...scene, here: location.slice(1) }
  const reply = await page(c, options, signInPage(shown, principal ? 'keyOfOtherKind' : 'wrongKey'))
  return { ...reply, status: principal ? 403 : 401 }
}

/** Where a form wants to go on: a page of ours, by what its address says, whatever else was sent. */
function placeOf(back: string | null): string {
  const params = new URLSearchParams(back ?? '')
  try {
    const href = hrefOf(readView(params))
    return href === hrefOf(viewOf(undefined)) ? '/' : href
  } catch {
    return '/'
  }
}

/** Throws `forbidden` where a page of another site sent it. Browsers say whose it is; what says nothing is no browser. */
function refuseOthers({ req }: SkerryContext): void {
  const site = req.header('sec-fetch-site')
  const origin = req.header('origin')
  const isOwn =
    site === undefined
      ? origin === undefined || hostOf(origin) === new URL(req.url).host
      : site === 'same-origin' || site === 'none'
  if (!isOwn) throw new SkerryError('forbidden', { detail: 'This form belongs to another site.' })
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

async function fault(
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

/** A page, sent piece by piece. What goes wrong before its first piece is answered as such. */
async function page(
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
