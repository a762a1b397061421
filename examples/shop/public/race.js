// Presses the two buttons' requests and shows what came back: as tables, and the first one also as charts.
import { drawCharts } from '/public/charts.js'

const byId = (id) => document.getElementById(id)

/** A button that asks the server for something and shows the answer; it keeps the focus while it waits. */
function button(id, path, waiting, show) {
  const element = byId(id)
  const status = byId(`${id}-status`)
  element.addEventListener('click', async () => {
    if (element.getAttribute('aria-disabled') === 'true') return
    element.setAttribute('aria-disabled', 'true')
    status.classList.remove('failed')
    status.textContent = waiting
    try {
      const response = await fetch(path, { method: 'POST' })
      if (!response.ok) throw new Error(`the server answered ${response.status}`)
      status.textContent = show(await response.json())
    } catch (error) {
      status.classList.add('failed')
      status.textContent = `That did not work: ${error.message}. Is the server still running?`
    } finally {
      element.removeAttribute('aria-disabled')
    }
  })
}

button('run', '/race/run', 'Sending. This takes some seconds.', ({ requests, results }) => {
  const contestants = results.filter((one) => one.path !== 'bare')
  for (const one of results) {
    const kept = { text: `${one.kept} of ${requests}`, outcome: one.kept === requests ? 'good' : 'bad' }
    fill('run-rows', one.path, [
      one.answered,
      contestants.includes(one) ? kept : '–',
      one.atOnce,
      time(one.ms),
    ])
  }
  byId('charts').hidden = false
  drawCharts({ requests, results, contestants })
  return `Done. ${contestants.map((one) => `${named(one)} kept ${one.kept} of ${requests}`).join(', ')}.`
})

button('out', '/race/sign-out', 'Signing in, uploading, signing out.', ({ results }) => {
  const outcomeOf = (one) => (one.cameBack === null ? 'signed out for good' : `came back as ${one.cameBack}`)
  for (const one of results) {
    const outcome = one.cameBack === null ? 'good' : 'bad'
    fill('out-rows', one.path, [{ text: outcomeOf(one), outcome }, one.slowStatus, time(one.ms)])
  }
  return `Done. ${results.map((one) => `${named(one)}: ${outcomeOf(one)}`).join(', ')}.`
})

function fill(rows, path, cells) {
  const columns = byId(rows).querySelectorAll(`[data-store="${path}"] td`)
  cells.forEach((cell, i) => {
    columns[i].textContent = cell.text ?? cell
    columns[i].className = cell.outcome ?? ''
  })
}

const named = (one) => `${one.name} with ${one.store}`

const time = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
