import { batchChapters } from './batches.ts'
import type { Chapter } from './case.ts'
import { dialectChapters } from './dialects.ts'
import { encodingChapters } from './encodings.ts'
import { fieldChapters } from './fields.ts'
import { formChapters } from './forms.ts'
import { jsonChapters } from './json.ts'
import { keyChapters } from './keys.ts'
import { nameChapters } from './names.ts'
import { wireChapters } from './wire.ts'

/** The whole corpus. */
export const chapters: readonly Chapter[] = [
  ...nameChapters,
  ...encodingChapters,
  ...jsonChapters,
  ...fieldChapters,
  ...batchChapters,
  ...formChapters,
  ...keyChapters,
  ...wireChapters,
  ...dialectChapters,
]
