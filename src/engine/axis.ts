import { blankOf, type Dimension, type DoorField } from '../dimension.ts'
import type { Codes } from './bytes.ts'
import {
  attributeName,
  type Column,
  type ColumnName,
  type Day,
  factName,
  OTHER_PROPS,
  propName,
} from './day.ts'
import { codesAt, entriesOf, exitsOf } from './visit.ts'

/** A dimension on one day: the code of each row or visit, and the label of each code. */
export interface Axis {
  readonly codes: Codes
  /** By code; 0 is the absence of a value. */
  readonly labels: readonly string[]
}

/** The columns that a dimension is read from, beside those that say what kind a row is. */
export function columnsOfDimension(dimension: Dimension): readonly ColumnName[] {
  switch (dimension.kind) {
    case 'event':
      return [dimension.field]
    case 'prop':
      return dimension.isDeclared
        ? [attributeName(dimension.key), propName(dimension.key)]
        : [propName(dimension.key)]
    case 'visit':
      return [factName(dimension.field)]
    case 'door':
      return [dimension.field.endsWith('hostname') ? 'hostname' : 'page']
    case 'goal':
      return ['page']
    case 'time':
      return dimension.unit === 'hour' || dimension.unit === 'minute' ? ['time'] : []
  }
}

/** The column of a field or property of single events. */
export function rowColumn(day: Day, dimension: Dimension): Column | undefined {
  if (dimension.kind === 'event') return day.column(dimension.field)
  if (dimension.kind !== 'prop') return undefined
  const prop = day.column(propName(dimension.key))
  const attribute = dimension.isDeclared ? day.column(attributeName(dimension.key)) : undefined
  return attribute && prop ? eitherOf(day, dimension.key, attribute, prop) : (attribute ?? prop)
}

/** What events had as a property before it was declared as an attribute counts with it. */
function eitherOf(day: Day, key: string, attribute: Column, prop: Column): Column {
  const offset = attribute.values.length - 1
  const codes = day.derive(`either/${key}`, () =>
    Uint32Array.from(attribute.codes, (code, row) => {
      const other = prop.codes[row] as number
      return code > 0 ? code : other > 0 ? other + offset : 0
    }),
  )
  return { codes, values: [...attribute.values, ...prop.values.slice(1)] }
}

/** The column of a fact of visits: what its first event said, or where it came in or went out. */
export function visitColumn(day: Day, dimension: Dimension): Column | undefined {
  if (dimension.kind === 'visit') return day.column(factName(dimension.field))
  if (dimension.kind === 'door') return doorColumn(day, dimension.field)
  return undefined
}

export function doorColumn(day: Day, door: DoorField): Column | undefined {
  const source = day.column(door.endsWith('hostname') ? 'hostname' : 'page')
  if (!source) return undefined
  const rows = door.startsWith('entry') ? entriesOf(day) : exitsOf(day)
  return { codes: codesAt(day, `door/${door}`, source.codes, rows), values: source.values }
}

/** Labels of a column, as answers show them. */
export function labelsOf(dimension: Dimension, column: Column): readonly string[] {
  const blank = blankOf(dimension)
  const inWords = dimension.kind === 'visit' && dimension.inWords && dimension.field === 'country'
  return column.values.map((value, code) => {
    if (code === 0) return blank
    return inWords ? countryName(String(value)) : String(value)
  })
}

let countryNames: Intl.DisplayNames | undefined

/** The English name of a country by its ISO 3166 code; the code itself where there is none. */
function countryName(code: string): string {
  countryNames ??= new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })
  try {
    return countryNames.of(code) ?? code
  } catch {
    return code
  }
}

/** Whether a dimension's rare values were folded into `(other)`. */
export function isFolded(dimension: Dimension, folded: ReadonlySet<string>): boolean {
  if (dimension.kind === 'visit' || dimension.kind === 'event') return folded.has(dimension.field)
  if (dimension.kind === 'door') return folded.has(dimension.field.endsWith('hostname') ? 'hostname' : 'page')
  return (
    dimension.kind === 'prop' &&
    [OTHER_PROPS, propName(dimension.key), attributeName(dimension.key)].some((name) => folded.has(name))
  )
}
