import type { RegistryDocuments } from './registry.ts'

/**
 * The form in which this release keeps journals, segments and documents. It reads all lower ones. A release that
 * keeps anything so that this one could not read it must have a higher number.
 */
export const STORE_FORMAT = 1

const KIND = 'setup'
const NAME = 'format'

/** A later release has kept things in a form that this one does not know. The message is one line for the operator. */
export class StoreFormatError extends Error {}

/** Throws `StoreFormatError` if the documents of kind `setup` name a form that this release does not know. */
export function refuseNewer(setup: ReadonlyMap<string, string>): void {
  const format = Number(setup.get(NAME) ?? STORE_FORMAT)
  if (format <= STORE_FORMAT) return
  throw new StoreFormatError(
    `the store was kept by a newer Skerry (format ${format}, this one knows ${STORE_FORMAT}): install that one again, or open a backup from before`,
  )
}

/** Notes the form in a store that has none noted, or a lower one. */
export async function noteFormat(
  documents: RegistryDocuments,
  setup: ReadonlyMap<string, string>,
): Promise<void> {
  const before = setup.get(NAME) ?? null
  const after = String(STORE_FORMAT)
  if (before !== after) await documents.replace(KIND, NAME, before, after)
}
