// The bars. Their colours are those of the style sheet, so they follow the light and the dark scheme.
/* global Chart */

const calm = matchMedia('(prefers-reduced-motion: reduce)')
const dark = matchMedia('(prefers-color-scheme: dark)')
const charts = new Map()
let shown

dark.addEventListener('change', () => shown && drawCharts(shown))

/** Draws the results, in place of those that are there. */
export function drawCharts(outcome) {
  shown = outcome
  const { requests, results, contestants } = outcome
  const colour = colours()
  draw('kept-chart', contestants, {
    value: (one) => one.kept,
    colour: (one) => (one.kept === requests ? colour.good : colour.bad),
    most: requests,
  })
  draw('time-chart', results, {
    value: (one) => Math.round(one.ms),
    colour: (one) => (contestants.includes(one) ? colour.plain : colour.quiet),
  })
}

function draw(id, rows, { value, colour, most }) {
  const ink = colours()
  const axis = { ticks: { color: ink.text }, grid: { color: ink.grid }, border: { color: ink.grid } }
  charts.get(id)?.destroy()
  charts.set(
    id,
    new Chart(document.getElementById(id), {
      type: 'bar',
      data: {
        labels: rows.map((one) => [one.name, one.store]),
        datasets: [
          { data: rows.map(value), backgroundColor: rows.map(colour), borderRadius: 3, maxBarThickness: 30 },
        ],
      },
      options: {
        indexAxis: 'y',
        animation: calm.matches ? false : { duration: 500 },
        maintainAspectRatio: false,
        layout: { padding: { right: 36 } },
        font: { family: getComputedStyle(document.body).fontFamily },
        scales: {
          x: { ...axis, ticks: { ...axis.ticks, stepSize: most && most / 2 }, beginAtZero: true, max: most },
          y: { ...axis, grid: { display: false } },
        },
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
        events: [],
      },
      plugins: [numbers(ink.text)],
    }),
  )
}

/** Writes each bar's number at its end. */
function numbers(colour) {
  return {
    id: 'numbers',
    afterDatasetsDraw(chart) {
      const { ctx } = chart
      ctx.save()
      ctx.fillStyle = colour
      ctx.font = `600 13px ${getComputedStyle(document.body).fontFamily}`
      ctx.textBaseline = 'middle'
      chart.getDatasetMeta(0).data.forEach((bar, i) => {
        ctx.fillText(chart.data.datasets[0].data[i], bar.x + 6, bar.y)
      })
      ctx.restore()
    },
  }
}

function colours() {
  const style = getComputedStyle(document.documentElement)
  const of = (name) => style.getPropertyValue(name).trim()
  return {
    text: of('--ink'),
    grid: of('--line'),
    good: of('--good'),
    bad: of('--bad'),
    plain: of('--bar'),
    quiet: of('--bar-quiet'),
  }
}
