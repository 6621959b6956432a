/** The ceiling of every Worker: reads the body, parses it, answers 201, and keeps nothing. */
export default {
  async fetch(request): Promise<Response> {
    if (request.method === 'POST') await request.json()
    return new Response(null, { status: 201 })
  },
} satisfies ExportedHandler
