import type { Env } from '../../adapters/runtime/cloudflare.ts'
import worker, { CollectionObject as Real } from '../../adapters/runtime/cloudflare.ts'

export { DirectoryObject } from '../../adapters/runtime/cloudflare.ts'

/** How many objects began to live in this process. */
let begun = 0

/** The object as it is, that can be made to die. */
export class CollectionObject extends Real {
  constructor(...of: ConstructorParameters<typeof Real>) {
    super(...of)
    begun++
  }

  abort(): void {
    this.ctx.abort('as the test wants it')
  }
}

interface TestEnv extends Omit<Env, 'COLLECTION'> {
  readonly COLLECTION: DurableObjectNamespace<CollectionObject>
}

/** The Worker as it is; `/abort` lets the object of `pageviews` die, `/begun` tells how many began. */
export default {
  async fetch(request, env, context): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/begun') return new Response(String(begun))
    if (pathname !== '/abort') return worker.fetch(request, env as unknown as Env, context)
    await env.COLLECTION.getByName('pageviews')
      .abort()
      .catch(() => {})
    return new Response(String(begun))
  },
} satisfies ExportedHandler<TestEnv>
