import { readSettings } from '../../src/settings.ts'
import { serve as serveProgram } from '../runtime/node.ts'
import { type Command, configOption } from './command.ts'

export const serve: Command = {
  summary: 'Collects beacons and answers questions, until it is told to stop.',
  usage: ['[--port PORT] [--host HOST]'],
  about: `Settings come from the environment, then from the settings file: docs/settings.md has them all.
The first start prints an admin key, once.`,
  options: [
    { name: 'port', value: 'PORT', meaning: 'listen there, as the setting PORT (default: 4000)' },
    { name: 'host', value: 'HOST', meaning: 'listen on this address, as the setting HOST' },
    configOption,
  ],
  examples: ['skerry serve', 'SKERRY_DATA=/var/lib/skerry skerry serve --port 8080 --host 127.0.0.1'],
  words: [0, 0],
  async run({ environment, text }): Promise<void> {
    const { PORT, HOST } = environment
    await serveProgram(
      readSettings({ ...environment, PORT: text('port') ?? PORT, HOST: text('host') ?? HOST }),
    )
  },
}
