import { annotationsOf } from '../annotation.ts'
import type { CollectionDefinition } from '../collection.ts'
import type { SkerryContext } from '../context.ts'
import { annotationsPage } from '../dashboard/manage/annotations-page.ts'
import { formOf } from '../dashboard/manage/definition-form.ts'
import { deletePage } from '../dashboard/manage/delete-page.ts'
import { erasePage } from '../dashboard/manage/erase-page.ts'
import { keysPage } from '../dashboard/manage/keys-page.ts'
import { type ManageScene, managePage } from '../dashboard/manage/manage-page.ts'
import { newPage } from '../dashboard/manage/new-page.ts'
import { refusedPage } from '../dashboard/manage/refused-page.ts'
import { settingsPage } from '../dashboard/manage/settings-page.ts'
import { toQueryFilters } from '../dashboard/row-filter.ts'
import type { Markup, ReportScene, Scene } from '../dashboard/scene.ts'
import { snippetText } from '../dashboard/snippet.ts'
import type { View } from '../dashboard/view.ts'
import { SkerryError } from '../errors.ts'
import { digestOf } from '../key.ts'
import type { Reply } from '../reply.ts'
import type { Snippet } from '../snippet.ts'
import { dateOf } from '../zone.ts'
import { afterNews, type DashboardOptions, originOf, page } from './dashboard-page.ts'

/** A page on which an admin manages: a collection, or a new one. */
export async function manage(
  c: SkerryContext,
  options: DashboardOptions,
  scene: Scene & { readonly view: View },
): Promise<Reply> {
  if (!scene.isAdmin) throw new SkerryError('forbidden')
  const { site, chapter } = scene.view
  if (chapter === 'new') return page(c, options, newPage(scene))
  const definition = await options.registry.definition(site ?? '')
  if (!definition) throw new SkerryError('unknown_collection')
  const shown = { ...scene, view: { ...scene.view, site: definition.name } }
  return afterNews(c, scene, await page(c, options, await chapterOf(c, options, shown, definition)))
}

async function chapterOf(
  c: SkerryContext,
  options: DashboardOptions,
  scene: ManageScene,
  definition: CollectionDefinition,
): Promise<Markup> {
  const { registry, annotations, open, now } = options
  const { name, timezone } = definition
  const params = new URL(c.req.url).searchParams
  switch (scene.view.chapter) {
    case 'keys':
      return keysPage(scene, await registry.keys(name), params.get('id'))
    case 'snippet':
      return managePage(scene, snippetText(scene, await snippetOf(c, options, name)))
    case 'annotations': {
      const kept = annotationsOf(await annotations.list(name))
      return annotationsPage(scene, kept, dateOf(now(), timezone))
    }
    case 'refused': {
      const asked = { code: params.get('code'), id: params.get('id') }
      return refusedPage(scene, await open(definition).refused(), asked)
    }
    case 'erase':
      return erasePage(eraseScene(scene, options, definition))
    case 'delete':
      return deletePage(scene)
    default:
      return settingsPage(scene, { form: formOf(definition), seen: await versionOf(definition) })
  }
}

function eraseScene(
  scene: ManageScene,
  { open, now }: DashboardOptions,
  definition: CollectionDefinition,
): ManageScene & ReportScene {
  const { period, filters } = scene.view
  return {
    ...scene,
    collection: open(definition),
    period: { range: period ?? 'all', now: now(), timezone: definition.timezone },
    filters: toQueryFilters(filters),
    hidesDoors: false,
    properties: [],
    annotations: [],
  }
}

/** By what a definition is known again: who changes it says which one he saw. */
export function versionOf(definition: CollectionDefinition): Promise<string> {
  return digestOf(JSON.stringify(definition))
}

/** What to put on the pages of a collection; undefined if it has no write key. */
export async function snippetOf(
  c: SkerryContext,
  options: DashboardOptions,
  site: string,
): Promise<Snippet | undefined> {
  const keys = await options.registry.keys(site)
  const key = keys.find(({ kind }) => kind === 'write')?.key
  return key === undefined ? undefined : { site, key, origin: originOf(c, options) }
}
