import { DurableObject } from 'cloudflare:workers'

/** A collector as a first tutorial on Durable Objects has it: each request calls the object, which writes a row. */
interface Env {
  readonly EVENTS: DurableObjectNamespace<EventsObject>
}

type BenchEvent = Readonly<Record<string, string | number | undefined>>

const COLUMNS = ['id', 'name', 'page', 'referrer', 'title', 'screen', 'language', 'zone']
const INSERT = `INSERT INTO events (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`

export class EventsObject extends DurableObject<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    state.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS events (${COLUMNS.map((name) => `${name} TEXT`).join(', ')})`,
    )
  }

  add(event: BenchEvent): void {
    this.ctx.storage.sql.exec(INSERT, ...COLUMNS.map((name) => event[name] ?? null))
  }

  count(): number {
    return Number(this.ctx.storage.sql.exec('SELECT count(*) AS count FROM events').one().count)
  }
}

export default {
  async fetch(request, { EVENTS }): Promise<Response> {
    const events = EVENTS.getByName('pageviews')
    if (request.method === 'GET') return Response.json({ count: await events.count() })
    await events.add((await request.json()) as BenchEvent)
    return new Response(null, { status: 201 })
  },
} satisfies ExportedHandler<Env>
