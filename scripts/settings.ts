import { writeFile } from 'node:fs/promises'
import { settingsDocument } from '../adapters/cli/settings-text.ts'

await writeFile(new URL('../docs/settings.md', import.meta.url), settingsDocument())
