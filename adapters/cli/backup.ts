import { existsSync } from 'node:fs'
import { readSettings } from '../../src/settings.ts'
import { backUpSqlite } from '../store/sqlite-backup.ts'
import { hasStore, isFileStore } from './api.ts'
import { type Command, configOption, Failure, quietOption } from './command.ts'
import { print, tell } from './terminal.ts'

export const backup: Command = {
  summary: 'Copies the whole SQLite store into a file, also while servers run on it.',
  usage: ['FILE'],
  about: `The copy is of one moment, complete and checked when FILE appears, and only you can read it.
To restore it put it as skerry.db into an empty data folder: docs/backup.md. With Redis use Redis's own means.`,
  options: [configOption, quietOption],
  examples: ['skerry backup "/backups/skerry-$(date +%F).db"'],
  words: [1, 1],
  async run(given): Promise<void> {
    const [file = ''] = given.words
    const settings = readSettings(given.environment)
    const { data } = settings
    if (!isFileStore(settings))
      throw new Failure('the store is a Redis: back it up as docs/backup.md says, or use skerry export')
    if (!hasStore(settings)) throw new Failure(`there is no store in ${data}`)
    if (existsSync(file)) throw new Failure(`${file} is there already`)
    try {
      const bytes = backUpSqlite(data, file)
      await print(file)
      tell(given, `${(bytes / 1e6).toFixed(1)} MB`)
    } catch (error) {
      throw new Failure(`no backup was made: ${error instanceof Error ? error.message : String(error)}`)
    }
  },
}
