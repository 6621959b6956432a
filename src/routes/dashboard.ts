import { annotationsOf } from '../annotation.ts'
import { readFilters } from '../asking/query-reader.ts'
import type { Collection } from '../collection.ts'
import type { Layer, SkerryContext } from '../context.ts'
import { detailCsv, detailPage } from '../dashboard/detail-page.ts'
import { funnelPage } from '../dashboard/funnel-page.ts'
import { journeysPage } from '../dashboard/journeys-page.ts'
import { linksPage } from '../dashboard/links-page.ts'
import { livePage } from '../dashboard/live-page.ts'
import { emptyPage, overviewPage, signInPage } from '../dashboard/other-pages.ts'
import { pathForm } from '../dashboard/path-view.ts'
import { ask } from '../dashboard/question.ts'
import { currentText, reportPage } from '../dashboard/report-page.ts'
import { isOfDoors, leavesPartOfVisits, toForcedFilters, toQueryFilters } from '../dashboard/row-filter.ts'
import type { Markup, ReportScene, Scene } from '../dashboard/scene.ts'
import { hrefOf, readView, type Show, type View } from '../dashboard/view.ts'
import { SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { refuseKeysInUrl } from '../middleware/auth.ts'
import { empty, type Reply } from '../reply.ts'
import { savedViewsOf } from '../saved-view.ts'
import { receive } from './dashboard-guest.ts'
import { manage, snippetOf } from './dashboard-manage.ts'
import { afterNews, type DashboardOptions, fault, page, sceneOf, signedIn } from './dashboard-page.ts'
import { eventStream } from './live.ts'

/** The pages: which one, its URL says. */
export function dashboard(options: DashboardOptions): Layer {
  const { registry, sessions } = options
  return async function dashboard(c): Promise<Reply> {
    await refuseKeysInUrl(c, registry)
    const link = c.req.query('view')
    if (link !== undefined)
      return receive(c, options, link, (scene) => orFault(c, options, scene, () => show(c, options, scene)))
    const principal = await signedIn(c, sessions)
    const scene = await sceneOf(c, options, principal)
    return orFault(c, options, scene, () =>
      principal ? show(c, options, scene) : page(c, options, signInPage(scene)),
    )
  }
}

async function orFault(
  c: SkerryContext,
  options: DashboardOptions,
  scene: Scene,
  reply: () => Promise<Reply>,
): Promise<Reply> {
  try {
    return await reply()
  } catch (error) {
    return await fault(c, options, scene, error)
  }
}

async function show(c: SkerryContext, options: DashboardOptions, scene: Scene): Promise<Reply> {
  const params = new URL(c.req.url).searchParams
  const view = viewFor(scene, readView(params))
  const { site } = view
  // What a form has said is put into the address as links have it.
  if (['from', 'fd', ...pathForm].some((name) => params.has(name)))
    return empty(303, { Location: hrefOf(view) })
  if (view.chapter !== undefined) return manage(c, options, { ...scene, view })
  if (site === undefined) {
    const reply = await page(c, options, overviewPage(scene, await allOf(options, scene)))
    return afterNews(c, scene, reply)
  }
  refuseUnseen(scene, view)
  const definition = scene.sites.includes(site) ? await options.registry.definition(site) : undefined
  if (!definition) throw new SkerryError(scene.isAdmin ? 'unknown_collection' : 'forbidden')
  const collection = options.open(definition)
  if (view.show === 'links')
    return page(c, options, linksPage({ ...scene, view }, await options.registry.keys(site)))
  // Guests are not told what to put on pages.
  if (!scene.guest && (await collection.isEmpty())) return showEmpty(c, options, { ...scene, view })
  if (view.show === 'live' && c.req.query('part') === 'live')
    return eventStream(c, collection, () => mayStillLook(c, options, site), options)
  const asked: View = c.req.query('part') === undefined ? view : { ...view, period: 'realtime' }
  return showCollection(c, options, await reportScene(scene, asked, collection, options))
}

/** The view of an address for whoever looks: guests, and who has a read key, look at one collection. */
function viewFor({ guest, isAdmin, sites }: Scene, view: View): View {
  if (guest) return { ...view, site: sites[0], link: guest.link }
  return { ...view, site: view.site ?? (isAdmin ? undefined : sites[0]), link: undefined }
}

/** Whether the session goes on, and with it the key that began it. */
async function mayStillLook(
  c: SkerryContext,
  { sessions }: DashboardOptions,
  site: string,
): Promise<boolean> {
  const principal = await signedIn(c, sessions)
  return principal !== undefined && (principal.collection ?? site) === site
}

/** Single events are not for guests; links are for admins. */
function refuseUnseen({ guest, isAdmin }: Scene, { show }: View): void {
  if ((show === 'live' && guest) || (show === 'links' && !isAdmin)) throw new SkerryError('forbidden')
}

async function showEmpty(
  c: SkerryContext,
  options: DashboardOptions,
  scene: Scene & { readonly view: View },
): Promise<Reply> {
  if (c.req.query('part') !== undefined) return empty(204, PRIVATE)
  return page(c, options, emptyPage(scene, await snippetOf(c, options, scene.view.site ?? '')))
}

/** Pages of a collection beside its report. */
const pages: Readonly<Partial<Record<Show, (scene: ReportScene) => AsyncGenerator<Markup>>>> = {
  live: livePage,
  funnel: funnelPage,
  journeys: journeysPage,
}

async function showCollection(
  c: SkerryContext,
  options: DashboardOptions,
  report: ReportScene,
): Promise<Reply> {
  const { view } = report
  if (c.req.query('part') === 'current') {
    const headers = { ...PRIVATE, 'Content-Type': 'text/plain; charset=utf-8' }
    return { status: 200, body: await currentText(report), headers }
  }
  const shown = view.show && pages[view.show]
  if (shown) return page(c, options, shown(report))
  if (view.detail === undefined) return page(c, options, reportPage(report))
  if (c.req.query('format') !== 'csv') return page(c, options, detailPage(report))
  const headers = {
    ...PRIVATE,
    'Content-Type': 'text/csv; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  }
  const name = `${view.site}-${view.detail.replace(/[^\w.-]+/g, '-')}.csv`
  const disposition = { 'Content-Disposition': `attachment; filename="${name}"` }
  return { status: 200, body: await detailCsv(report), headers: { ...headers, ...disposition } }
}

/** What a report shows: of the collection, and of what is kept beside it. */
async function reportScene(
  scene: Scene,
  view: View,
  collection: Collection,
  { now, annotations, savedViews }: DashboardOptions,
): Promise<ReportScene> {
  const { definition } = collection
  const { name, timezone } = definition
  const limits = scene.guest?.filters ?? []
  const hidesDoors = leavesPartOfVisits(limits, definition)
  if (hidesDoors && view.filters.some((one) => isOfDoors(one, definition))) throw new SkerryError('forbidden')
  const forced = toForcedFilters(limits, definition)
  const filters = [...forced, ...toQueryFilters(view.filters)]
  readFilters(filters, definition)
  // What people of the house say to each other is not for guests.
  const [range, properties, kept] = await Promise.all([
    view.period ?? usualPeriod(collection, forced),
    // Nor is what else there is beside what a link shows.
    scene.guest ? [] : collection.properties(),
    scene.guest ? undefined : Promise.all([annotations.list(name), savedViews.list(name)]),
  ])
  return {
    ...scene,
    view,
    collection,
    filters,
    hidesDoors,
    properties,
    period: { range, now: now(), timezone },
    annotations: kept ? annotationsOf(kept[0]) : [],
    ...(kept && { savedViews: savedViewsOf(kept[1]) }),
  }
}

/** Thirty days; today where there is nothing but today. */
async function usualPeriod(collection: Collection, filters: readonly unknown[]): Promise<string> {
  const { results } = await ask(collection, { metrics: ['events'], date_range: '30d', filters })
  return Number(results[0]?.metrics[0] ?? 0) > 0 ? '30d' : 'day'
}

async function allOf({ registry, open }: DashboardOptions, { sites }: Scene): Promise<readonly Collection[]> {
  const definitions = await registry.definitions()
  return definitions.filter(({ name }) => sites.includes(name)).map(open)
}
