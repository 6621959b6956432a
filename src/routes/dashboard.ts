import { annotationsOf } from '../annotation.ts'
import { readFilters } from '../asking/query-reader.ts'
import type { Collection } from '../collection.ts'
import type { Layer, SkerryContext } from '../context.ts'
import { detailCsv, detailPage } from '../dashboard/detail-page.ts'
import { emptyPage, overviewPage, signInPage } from '../dashboard/other-pages.ts'
import { ask } from '../dashboard/question.ts'
import { currentText, reportPage } from '../dashboard/report-page.ts'
import { toQueryFilters } from '../dashboard/row-filter.ts'
import type { ReportScene, Scene } from '../dashboard/scene.ts'
import { hrefOf, readView, type View } from '../dashboard/view.ts'
import { SkerryError } from '../errors.ts'
import { PRIVATE } from '../headers.ts'
import { refuseKeysInUrl } from '../middleware/auth.ts'
import { empty, type Reply } from '../reply.ts'
import { savedViewsOf } from '../saved-view.ts'

import { manage, snippetOf } from './dashboard-manage.ts'
import { afterNews, type DashboardOptions, fault, page, sceneOf, signedIn } from './dashboard-page.ts'

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
  if (view.chapter !== undefined) return manage(c, options, { ...scene, view })
  if (site === undefined) {
    const reply = await page(c, options, overviewPage(scene, await allOf(options, scene)))
    return afterNews(c, scene, reply)
  }
  const definition = scene.sites.includes(site) ? await options.registry.definition(site) : undefined
  if (!definition) throw new SkerryError(scene.isAdmin ? 'unknown_collection' : 'forbidden')
  const collection = options.open(definition)
  const isEmpty = await collection.isEmpty()
  if (params.get('part') === 'current') {
    if (isEmpty) return empty(204, PRIVATE)
    const headers = { ...PRIVATE, 'Content-Type': 'text/plain; charset=utf-8' }
    const shown = await reportScene(scene, { ...view, period: 'realtime' }, collection, options)
    return { status: 200, body: await currentText(shown), headers }
  }
  if (isEmpty) {
    return page(c, options, emptyPage({ ...scene, view }, await snippetOf(c, options, site)))
  }
  const report = await reportScene(scene, view, collection, options)
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

/** What a report shows: of the collection, and of what is kept beside it. */
async function reportScene(
  scene: Scene,
  view: View,
  collection: Collection,
  { now, annotations, savedViews }: DashboardOptions,
): Promise<ReportScene> {
  const { name } = collection.definition
  const filters = toQueryFilters(view.filters)
  readFilters(filters, collection.definition)
  const range = view.period ?? (await usualPeriod(collection))
  const [notes, views] = await Promise.all([annotations.list(name), savedViews.list(name)])
  return {
    ...scene,
    view,
    collection,
    filters,
    period: { range, now: now(), timezone: collection.definition.timezone },
    annotations: annotationsOf(notes),
    savedViews: savedViewsOf(views),
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
