/** Errors that a page tells, at most: one that goes wrong in a loop says nothing new. */
const MOST = 10
const told = new Set<string>()

/** Without query and fragment, and without what stands before an `@`. */
function bare(text: string): string {
  return text.replaceAll(/\b(\w+:\/\/)(?:[^\s/@]*@)?([^\s?#'"()]*)[^\s'"()]*/g, '$1$2')
}

function tell(message: string, source = '', line = 0): void {
  const props = { message: bare(message).slice(0, 300), source: bare(source).slice(0, 300), line }
  const key = JSON.stringify(props)
  if (told.size >= MOST || told.has(key)) return
  told.add(key)
  window.skerry?.('js-error', props, undefined, { interactive: false })
}

addEventListener('error', ({ message, filename, lineno }) => {
  // Of scripts from elsewhere browsers say nothing but "Script error.".
  if (message) tell(message, filename, lineno)
})
addEventListener('unhandledrejection', ({ reason }) => tell(`Unhandled: ${reason?.message ?? reason}`))
