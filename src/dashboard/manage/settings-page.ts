import { html } from 'hono/html'
import { optionsOf } from '../forms.ts'
import type { Markup } from '../scene.ts'
import type { Texts } from '../texts.ts'
import { type GoalRow, goalRows, type ListField } from './definition-form.ts'
import {
  described,
  faultAlert,
  faultNote,
  faultsOf,
  type ManageScene,
  manageDeed,
  managePage,
  type Refusal,
} from './manage-page.ts'
import { zoneField } from './zone-field.ts'

/** The settings of a collection, as they are or as they were sent. `seen`: which definition they are of. */
export interface Settings {
  readonly form: URLSearchParams
  readonly seen: string
  readonly refusal?: Refusal | undefined
}

/** All that its owner may say of a collection. */
export function settingsPage(scene: ManageScene, { form, seen, refusal }: Settings): Markup {
  const { words } = scene
  const lines = (name: ListField, rows?: number): Markup => linesField(scene, { name, rows, form, refusal })
  const choice = (name: string, values: readonly string[], prefix = name): Markup =>
    choiceField(scene, name, values, prefix, form)
  return managePage(
    scene,
    html`${faultAlert(scene, refusal)}<form class="fields" method="post" action="/">${manageDeed('settings', scene)}<input type="hidden" name="seen" value="${seen}">
<fieldset class="card"><legend>${words('sending')}</legend>${lines('origins')}${choice('bots', ['browsers', 'all', 'off'])}<label class="check"><input type="checkbox" name="dialects"${form.has('dialects') && html` checked`}> ${words('dialects')}</label>${lines('aliases')}</fieldset>
<fieldset class="card"><legend>${words('privacyOf')}</legend>${['gpc', 'dnt'].map((name) => choice(name, ['ignore', 'anonymous', 'drop'], 'rule'))}</fieldset>
<fieldset class="card"><legend>${words('keeping')}</legend>${zoneField(scene, form.get('timezone') ?? '', refusal)}${retentionField(scene, form, refusal)}${lines('query')}${lines('attributes')}${lines('groupBy')}</fieldset>
<fieldset class="card"><legend>${words('goal')}</legend>${goalFields(scene, form, refusal)}</fieldset>
<fieldset class="card"><legend>API</legend>${lines('embed', 2)}</fieldset>
<button class="main">${words('save')}</button></form>`,
  )
}

interface LinesField {
  readonly name: ListField
  readonly rows: number | undefined
  readonly form: URLSearchParams
  readonly refusal: Refusal | undefined
}

function linesField(scene: ManageScene, { name, rows = 3, form, refusal }: LinesField): Markup {
  const { words } = scene
  const faults = faultsOf(refusal, name)
  // A line break right after the tag is none of the text.
  return html`<div class="field"><label for="${name}">${words(name)}</label><p class="note" id="${name}-hint">${words(`${name}Hint`)}</p><textarea id="${name}" name="${name}" rows="${rows}" spellcheck="false" autocapitalize="off"${described(name, faults)}>
${form.get(name) ?? ''}</textarea>${faultNote(scene, name, faults)}</div>`
}

function choiceField(
  { words }: ManageScene,
  name: string,
  values: readonly string[],
  prefix: string,
  form: URLSearchParams,
): Markup {
  return html`<label>${words(name as keyof Texts)} <select name="${name}">${optionsOf(values, form.get(name), (value) => words(`${prefix}_${value}` as keyof Texts))}</select></label>`
}

function retentionField(scene: ManageScene, form: URLSearchParams, refusal: Refusal | undefined): Markup {
  const { words } = scene
  const faults = faultsOf(refusal, 'retention')
  const days = form.get('retention')?.trim() ?? ''
  const consent =
    faults.length > 0 &&
    /^\d+$/.test(days) &&
    html`<label class="check"><input type="checkbox" name="shorten" value="${days}"> ${words('shorten', { n: days })}</label>`
  return html`<div class="field"><label for="retention">${words('retention')}</label><p class="note" id="retention-hint">${words('retentionHint')}</p><input id="retention" name="retention" inputmode="numeric" maxlength="20" value="${days}"${described('retention', faults)}>${faultNote(scene, 'retention', faults)}${consent}</div>`
}

/** Empty rows below those that are there. */
const SPARE_ROWS = 3

function goalFields(scene: ManageScene, form: URLSearchParams, refusal: Refusal | undefined): Markup {
  const rows = goalRows(form)
  const spare = Array.from({ length: SPARE_ROWS }, () => ({ name: '', kind: 'event', match: '' }))
  const wrong = new Set(faultsOf(refusal, 'goals').map(({ pointer }) => pointer.split('/')[2]))
  return html`<p class="note">${scene.words('goalsHint')}</p><div class="goals">${[...rows, ...spare].map((row, i) => goalRow(scene, row, i, wrong.has(String(i))))}</div>${faultNote(scene, 'goals', faultsOf(refusal, 'goals'))}`
}

function goalRow(
  { words }: ManageScene,
  { name, kind, match }: GoalRow,
  i: number,
  isWrong: boolean,
): Markup {
  const n = String(i + 1)
  const marks = isWrong && html` aria-invalid="true" aria-describedby="goals-fault"`
  return html`<div class="goal"><input name="goalName" maxlength="2000" aria-label="${words('goalName', { n })}" value="${name}"${marks}><select name="goalKind" aria-label="${words('goalKind', { n })}">${optionsOf(['event', 'page'], kind, (one) => words(`goal_${one}`))}</select><input name="goalMatch" maxlength="2000" aria-label="${words('goalMatch', { n })}" value="${match}" placeholder="${i === 0 && name === '' && '/thanks*'}"${marks}></div>`
}
