import { builtinFields, type KeptEvent, type Scalar, textFields } from '../event.ts'

/** What the columns of an export depend on. */
export interface ExportColumns {
  /** The attributes that the collection declares. */
  readonly attributes: readonly string[]
}

/** A column of a table of events. `time` is ms since 1970, `decimal` a number as text, `text` may be any scalar. */
export interface Column {
  readonly name: string
  readonly kind: 'time' | 'text' | 'decimal' | 'number' | 'boolean'
  /** The event's value in this column; undefined where it has none. */
  read(event: KeptEvent): Scalar | undefined
}

const fixedColumns: readonly Column[] = [
  { name: 'time', kind: 'time', read: (event) => event.time },
  { name: 'name', kind: 'text', read: (event) => event.name },
  { name: 'id', kind: 'text', read: (event) => event.id },
  ...textFields.map((name): Column => ({ name, kind: 'text', read: (event) => event[name] })),
  { name: 'ms', kind: 'number', read: (event) => event.ms },
  { name: 'depth', kind: 'number', read: (event) => event.depth },
  { name: 'interactive', kind: 'boolean', read: (event) => event.interactive },
  { name: 'revenue_amount', kind: 'decimal', read: (event) => event.revenue?.amount },
  { name: 'revenue_currency', kind: 'text', read: (event) => event.revenue?.currency },
]
const fixedNames: ReadonlySet<string> = new Set(fixedColumns.map(({ name }) => name))

/**
 * The columns of a table of events: the fixed ones, the declared attributes, the other properties as JSON.
 * An attribute with the name of a fixed column goes by `attributes.NAME`.
 */
export function toColumns({ attributes }: ExportColumns): readonly Column[] {
  const declared = [...new Set(attributes)].filter((name) => !builtinFields.has(name))
  return [
    ...fixedColumns,
    ...declared.map(attributeColumn),
    { name: 'props', kind: 'text', read: ({ props }) => props && JSON.stringify(props) },
  ]
}

function attributeColumn(attribute: string): Column {
  return {
    name: fixedNames.has(attribute) ? `attributes.${attribute}` : attribute,
    kind: 'text',
    read: ({ attributes }) =>
      attributes && Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined,
  }
}
