import { annotationsOf, makeAnnotation } from '../annotation.ts'
import { readFilters } from '../asking/query-reader.ts'
import type { CollectionDefinition } from '../collection.ts'
import type { SkerryContext } from '../context.ts'
import { type LinkOutcome, linksPage } from '../dashboard/links-page.ts'
import { annotationsPage } from '../dashboard/manage/annotations-page.ts'
import { readForm } from '../dashboard/manage/definition-form.ts'
import { deletePage } from '../dashboard/manage/delete-page.ts'
import { selectionOf } from '../dashboard/manage/erase-page.ts'
import type { ManageScene, Refusal } from '../dashboard/manage/manage-page.ts'
import { newPage } from '../dashboard/manage/new-page.ts'
import { settingsPage } from '../dashboard/manage/settings-page.ts'
import { type RowFilter, toQueryFilters, writeRowFilter } from '../dashboard/row-filter.ts'
import { searchToSave } from '../dashboard/saved-views.ts'
import type { Markup, Scene } from '../dashboard/scene.ts'
import { hrefOf, type View, viewOf } from '../dashboard/view.ts'
import { defineCollection, definitionSchema } from '../definition.ts'
import { SkerryError } from '../errors.ts'
import { madeKinds } from '../key.ts'
import { parsed } from '../middleware/validated.ts'
import { type RestoreSelection, refusalCodes } from '../refusal.ts'
import { changedMeanwhile } from '../registry.ts'
import type { Reply } from '../reply.ts'
import { makeSavedView } from '../saved-view.ts'
import { sharedLinkLimits } from '../shared-link.ts'
import { cleanText } from '../text.ts'
import { dateOf } from '../zone.ts'
import { collectionName, removeCollection, saveDefinition } from './collections.ts'
import { versionOf } from './dashboard-manage.ts'
import { type DashboardOptions, goOn, originOf, page } from './dashboard-page.ts'

/** A form that somebody sent who is signed in. */
export interface Sent {
  readonly c: SkerryContext
  readonly options: DashboardOptions
  readonly scene: Scene & { readonly view: View }
  readonly form: URLSearchParams
}

/** The same about a collection that he may look at. */
interface SentFor extends Sent {
  readonly scene: ManageScene
  readonly definition: CollectionDefinition
}

interface Deed {
  /** Who has a read key of the collection may, too. */
  readonly isForReaders?: true
  readonly perform: (sent: SentFor) => Promise<Reply>
}

/** What is done to a collection, by the names that forms have for it. */
const deeds: Readonly<Record<string, Deed>> = {
  settings: { perform: saveSettings },
  'add-key': { perform: addKey },
  'revoke-key': { perform: revokeKey },
  'add-link': { perform: addLink },
  'remove-link': { perform: removeLink },
  annotate: { perform: annotate },
  unannotate: { perform: unannotate },
  erase: { perform: erase },
  restore: { perform: restore },
  delete: { perform: remove },
  'save-view': { isForReaders: true, perform: saveView },
  'drop-view': { isForReaders: true, perform: dropView },
}

/** Whether a form is one of these. */
export function isDeed(name: string): boolean {
  return name === 'create' || Object.hasOwn(deeds, name)
}

/** Does what a form says. Throws `forbidden` where its sender may not. */
export async function performDeed(name: string, sent: Sent): Promise<Reply> {
  const { scene, options } = sent
  const deed = deeds[name]
  if (!scene.isAdmin && !deed?.isForReaders) throw new SkerryError('forbidden')
  if (!deed) return create(sent)
  const { site = '' } = scene.view
  const definition = scene.sites.includes(site) ? await options.registry.definition(site) : undefined
  if (!definition) throw new SkerryError(scene.isAdmin ? 'unknown_collection' : 'forbidden')
  return deed.perform({ ...sent, definition, scene: { ...scene, view: { ...scene.view, site } } })
}

async function create(sent: Sent): Promise<Reply> {
  const { c, options, scene, form } = sent
  const timezone = form.get('timezone')?.trim()
  try {
    const name = collectionName(form.get('name')?.trim() ?? '')
    const input = parsed(definitionSchema, { timezone }, 'invalid_definition')
    await saveDefinition(options, defineCollection(name, input), null)
    await options.registry.addKey(name, 'write')
    return goOn(c, hrefOf(viewOf(name)))
  } catch (error) {
    return again(sent, error, (refusal) => newPage(scene, refusal))
  }
}

async function saveSettings(sent: SentFor): Promise<Reply> {
  const { options, scene, form, definition } = sent
  const seen = await versionOf(definition)
  try {
    const input = parsed(definitionSchema, readForm(form), 'invalid_definition')
    if (form.get('seen') !== seen) throw changedMeanwhile()
    await refuseLoss(sent, input.retention)
    await saveDefinition(options, defineCollection(definition.name, input), definition)
    return back(sent, 'saved')
  } catch (error) {
    return again(sent, error, (refusal) => settingsPage(scene, { form, seen, refusal }))
  }
}

/** Fewer days to keep delete what is older: that must be said twice. */
async function refuseLoss({ options, form, definition }: SentFor, days: number | null): Promise<void> {
  const isLess = days !== null && days < (definition.retention ?? Number.POSITIVE_INFINITY)
  if (!isLess || form.get('shorten') === String(days) || (await options.open(definition).isEmpty())) return
  const detail = `Events older than ${days} days would be deleted for good. Tick that this is meant.`
  throw new SkerryError('conflict', { detail, faults: [{ pointer: '/retention', detail }] })
}

async function addKey(sent: SentFor): Promise<Reply> {
  const { options, form, definition } = sent
  const kind = madeKinds.find((one) => one === form.get('kind'))
  if (!kind) throw new SkerryError('invalid_definition', { detail: 'Say which kind of key.' })
  const { key } = await options.registry.addKey(definition.name, kind)
  return back(sent, 'key', key)
}

async function revokeKey(sent: SentFor): Promise<Reply> {
  const { options, form, definition } = sent
  const isThere = await options.registry.removeKey(definition.name, form.get('id') ?? '')
  if (!isThere) throw new SkerryError('unknown_key')
  return back(sent, 'revoked')
}

/** A link is shown where it was made, and never again. */
async function addLink(sent: SentFor): Promise<Reply> {
  const { c, options, scene, form, definition } = sent
  const { filters } = scene.view
  const label = cleanText((form.get('label') ?? '').slice(0, sharedLinkLimits.label)).trim()
  const password = form.get('password') ?? ''
  const fault = linkFaultOf(password, filters)
  if (fault) return showLinks(sent, 422, { fault })
  readFilters(toQueryFilters(filters), definition)
  const { key } = await options.guests.invite(
    definition.name,
    { label, filters: filters.map(writeRowFilter) },
    password,
  )
  const isEmbeddable = password === '' && definition.embed.length > 0
  return showLinks(sent, 201, { link: `${originOf(c, options)}/?view=${key}`, isEmbeddable })
}

async function showLinks(
  { c, options, scene, definition }: SentFor,
  status: number,
  outcome: LinkOutcome,
): Promise<Reply> {
  const view = { ...viewOf(definition.name), show: 'links', filters: scene.view.filters } as const
  const shown = { ...scene, view, here: hrefOf(view).slice(1) }
  const links = await options.registry.keys(definition.name)
  return { ...(await page(c, options, linksPage(shown, links, outcome))), status }
}

/** A goal is no part of what is there, and cannot bound it. */
function linkFaultOf({ length }: string, filters: readonly RowFilter[]): LinkOutcome['fault'] {
  const { leastPassword, mostPassword } = sharedLinkLimits
  if (length > mostPassword || (length > 0 && length < leastPassword)) return 'passwordLength'
  return filters.some(({ dimension }) => /^(?:event:)?goal$/.test(dimension)) ? 'goalFilter' : undefined
}

/** What is gone already is gone as was wished. */
async function removeLink({ c, options, form, definition }: SentFor): Promise<Reply> {
  await options.registry.removeKey(definition.name, form.get('id') ?? '')
  return goOn(c, hrefOf({ ...viewOf(definition.name), show: 'links' }))
}

async function annotate(sent: SentFor): Promise<Reply> {
  const { options, scene, form, definition } = sent
  const { annotations, now } = options
  const { name, timezone } = definition
  try {
    const { id } = makeAnnotation(form.get('date') ?? '', form.get('text') ?? '')
    await annotations.put(name, id, '')
    return back(sent, 'annotated')
  } catch (error) {
    const kept = annotationsOf(await annotations.list(name))
    return again(sent, error, (refusal) => annotationsPage(scene, kept, dateOf(now(), timezone), refusal))
  }
}

/** What is gone already is gone as was wished. */
async function unannotate(sent: SentFor): Promise<Reply> {
  await sent.options.annotations.remove(sent.definition.name, sent.form.get('id') ?? '')
  return back(sent, 'unannotated')
}

async function erase(sent: SentFor): Promise<Reply> {
  const { options, scene, definition } = sent
  const collection = options.open(definition)
  const selection = selectionOf(scene.view, collection, options.now())
  if (!selection) throw new SkerryError('invalid_query', { detail: 'Say what to erase.' })
  return back(sent, 'erased', String(await collection.erase(selection)))
}

async function restore(sent: SentFor): Promise<Reply> {
  const { options, form, definition } = sent
  const selection = restoreSelectionOf(form)
  return back(sent, 'restored', String(await options.open(definition).restore(selection)))
}

function restoreSelectionOf(form: URLSearchParams): RestoreSelection {
  const [id, code] = [form.get('id'), refusalCodes.find((one) => one === form.get('code'))]
  if (code) return { code }
  if (id) return { ids: [id] }
  throw new SkerryError('invalid_query', { detail: 'Say what to count after all.' })
}

async function remove({ c, options, scene, form, definition }: SentFor): Promise<Reply> {
  const typed = form.get('typed') ?? ''
  if (typed.trim() !== definition.name)
    return { ...(await page(c, options, deletePage(scene, typed))), status: 422 }
  await removeCollection(options, definition)
  return goOn(c, '/', { done: 'deleted', what: definition.name })
}

async function saveView({ c, options, scene, form, definition }: SentFor): Promise<Reply> {
  const { name, search } = makeSavedView(form.get('name') ?? '', searchToSave(scene.view))
  await options.savedViews.put(definition.name, name, search)
  return goOn(c, hrefOf(scene.view))
}

async function dropView({ c, options, scene, form, definition }: SentFor): Promise<Reply> {
  await options.savedViews.remove(definition.name, form.get('name') ?? '')
  return goOn(c, hrefOf(scene.view))
}

/** To the chapter that the form came from. */
function back({ c, scene }: SentFor, done: string, what: string = ''): Reply {
  const { site, chapter } = scene.view
  return goOn(c, hrefOf({ ...viewOf(site), chapter }), { done, what })
}

/** The form once more, with what was typed and what is wrong with it. */
async function again(
  { c, options, form }: Sent,
  error: unknown,
  write: (refusal: Refusal) => Markup,
): Promise<Reply> {
  if (!(error instanceof SkerryError) || error.status >= 500) throw error
  const faults = error.faults.length > 0 ? error.faults : [{ pointer: '', detail: error.message }]
  return { ...(await page(c, options, write({ form, faults }))), status: error.status }
}
