import { readAgent } from '../agent/agent.ts'
import type { Client } from '../client.ts'
import type { Layer, SkerryContext } from '../context.ts'
import { PRIVATE } from '../headers.ts'
import { hintsOf } from '../ingest/sender.ts'
import { addressHeaders } from '../proxy.ts'
import { json, type Reply } from '../reply.ts'

export interface WhoamiOptions {
  readonly client: (c: SkerryContext) => Client
}

/** What the server sees of the caller: for operators who set up proxies, and for whoever wants to know. */
export function whoami({ client }: WhoamiOptions): Layer {
  return async function whoami(c): Promise<Reply> {
    const header = (name: string): string | undefined => c.req.header(name)
    const { address = null, by, place } = client(c)
    const { country = null, region = null, city = null, by: placeBy = null } = place() ?? {}
    const ignored = addressHeaders.filter((name) => name !== by && header(name) !== undefined)
    const isSet = (name: string): boolean => header(name) === '1'
    return json(
      {
        ...{ address, by, ignored },
        ...{ country, region, city, placeBy },
        agent: readAgent(header('user-agent') ?? '', hintsOf(header)),
        ...{ gpc: isSet('sec-gpc'), dnt: isSet('dnt') },
      },
      200,
      PRIVATE,
    )
  }
}
