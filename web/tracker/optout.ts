/** Makes checkboxes `[data-skerry-optout]` of a page say, and set, whether the visitor is counted there. */
const FLAG = 'skerry'

for (const box of document.querySelectorAll<HTMLInputElement>('[data-skerry-optout]')) {
  try {
    box.checked = !localStorage[FLAG]
    box.disabled = false
  } catch {}
  box.addEventListener('change', () => {
    if (box.checked) delete localStorage[FLAG]
    else localStorage[FLAG] = 'off'
  })
}

for (const place of document.querySelectorAll('[data-skerry-origin]')) place.textContent = location.origin
