import type { Layers } from '../context.ts'
import { counterscale } from '../dialects/counterscale.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { goatcounter } from '../dialects/goatcounter.ts'
import { goatcounterApi, goatcounterKey } from '../dialects/goatcounter-api.ts'
import { matomo } from '../dialects/matomo.ts'
import { plausible } from '../dialects/plausible.ts'
import { umamiBatch, umamiSend } from '../dialects/umami.ts'
import { type AuthOptions, auth, vouch } from '../middleware/auth.ts'

/** Where another product's trackers send. */
export interface ForeignRoute {
  readonly methods: readonly ('GET' | 'POST')[]
  readonly dialect: Dialect
  /** Who may send. */
  readonly admit: Layers
}

/** What other products' trackers send, by its path: without a key, unless a layer says otherwise. */
export function foreignRoutes(options: Omit<AuthOptions, 'kinds'>): Readonly<Record<string, ForeignRoute>> {
  const byAnyone: Layers = { vouch: vouch(options) }
  const byServers: Layers = { auth: auth({ ...options, kinds: ['server', 'admin'], keyOf: goatcounterKey }) }
  const both = ['GET', 'POST'] as const
  return {
    '/api/event': { methods: ['POST'], dialect: plausible, admit: byAnyone },
    '/api/send': { methods: ['POST'], dialect: umamiSend, admit: byAnyone },
    '/api/batch': { methods: ['POST'], dialect: umamiBatch, admit: byAnyone },
    '/count': { methods: both, dialect: goatcounter, admit: byAnyone },
    '/api/v0/count': { methods: ['POST'], dialect: goatcounterApi, admit: byServers },
    '/collect': { methods: ['GET'], dialect: counterscale, admit: byAnyone },
    '/matomo.php': { methods: both, dialect: matomo, admit: byAnyone },
    '/piwik.php': { methods: both, dialect: matomo, admit: byAnyone },
  }
}
