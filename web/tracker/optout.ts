/** Makes checkboxes `[data-skerry-optout]` of a page say, and set, whether the visitor is counted there. */
const FLAG = 'skerryOff'

for (const box of document.querySelectorAll<HTMLInputElement>('[data-skerry-optout]')) {
  try {
    box.checked = !localStorage[FLAG]
    box.disabled = false
  } catch {}
  box.addEventListener('change', () => {
    if (box.checked) delete localStorage[FLAG]
    else localStorage[FLAG] = '1'
  })
}

for (const place of document.querySelectorAll('[data-skerry-origin]')) place.textContent = location.origin
