import type { Contestant } from '../race/contestants.ts'
import { html } from './html.ts'
import type { Page } from './layout.ts'

export interface RacePageParts {
  contestants: readonly Contestant[]
  /** The row to compare with: no sessions at all. */
  bare: Contestant
  /** How many requests overlap. */
  requests: number
  /** How many rounds are counted. */
  rounds: number
  /** How long each of them waits, in milliseconds. */
  databaseWait: number
  /** The handlers' source. */
  code: string
}

export function racePage({ contestants, bare, requests, rounds, databaseWait, code }: RacePageParts): Page {
  return {
    title: 'The race',
    here: '/race',
    head: html`
  <link rel="stylesheet" href="/public/race.css">
  <script src="/public/chart.js" defer></script>
  <script src="/public/race.js" type="module"></script>`,
    main: html`
      <h1>What is left of ${requests} requests?</h1>
      <p class="lead">A page that saves while you type, two open tabs, a double click: requests of one visitor overlap
        all the time. Here the same handlers run over three session stores. Every number on this page is measured when
        you press the button.</p>
      <noscript><p class="notice">The two buttons need JavaScript.</p></noscript>
      ${setSection([...contestants, bare], { requests, rounds, databaseWait })}
      ${signOutSection(contestants)}
      <section aria-labelledby="code-title">
        <h2 id="code-title">The code of all three</h2>
        <details>
          <summary>Show the handlers</summary>
          <pre tabindex="0" aria-label="The handlers’ source"><code>${code}</code></pre>
        </details>
      </section>`,
  }
}

function setSection(
  rows: readonly Contestant[],
  { requests, rounds, databaseWait }: Pick<RacePageParts, 'requests' | 'rounds' | 'databaseWait'>,
) {
  return html`
    <section aria-labelledby="set-title">
      <h2 id="set-title">${requests} requests, ${requests} keys</h2>
      <p>Each request reads the session, waits ${databaseWait} ms as for a database, sets a key of its own and is
        answered with 200. Then the session is asked which keys it has.</p>
      <p class="act"><button id="run" type="button">Send ${requests} overlapping requests</button></p>
      <p class="status" id="run-status" role="status"></p>
      <div class="result" id="run-result">
        <div class="charts" id="charts" hidden>
          <figure>
            <figcaption>Keys kept, of ${requests}</figcaption>
            <div class="canvas"><canvas id="kept-chart" role="img" aria-label="Bar chart of the keys kept. The table below has the same numbers."></canvas></div>
          </figure>
          <figure>
            <figcaption>Time for all ${requests}, in milliseconds</figcaption>
            <div class="canvas"><canvas id="time-chart" role="img" aria-label="Bar chart of the times. The table below has the same numbers."></canvas></div>
          </figure>
        </div>
        <div class="scroll" role="region" aria-labelledby="run-caption" tabindex="0">
          <table>
            <caption id="run-caption">Kept and lost, store by store</caption>
            <thead><tr><th scope="col">Store</th><th scope="col">Answers</th><th scope="col">Kept</th><th scope="col">At once</th><th scope="col">Time</th></tr></thead>
            <tbody id="run-rows">${rows.map((one) => emptyRow(one, 4))}</tbody>
          </table>
        </div>
      </div>
      <p class="hint">A browser opens only six connections to a host, so the server sends the ${requests} requests to
        itself, each over a connection of its own; “At once” is how many were really under way at one moment.</p>
      <p class="hint">After rounds that only warm up, ${rounds} are counted, and shown are the fewest keys kept and the
        middle one of the times. A time is that of ${requests} whole requests, sent and answered by one process: much of
        it is HTTP and the wait. “No sessions” does the same and keeps nothing; what a store takes beyond that is its
        share. It is a rough measure, and varies from run to run.</p>
    </section>`
}

function signOutSection(contestants: readonly Contestant[]) {
  return html`
    <section aria-labelledby="out-title">
      <h2 id="out-title">Signing out while a request is under way</h2>
      <ol>
        <li>Ada signs in.</li>
        <li>She starts a slow upload; its handler has read her session.</li>
        <li>She signs out in another tab.</li>
        <li>The upload ends, and its handler changes the session.</li>
        <li>Somebody comes with Ada’s old cookie. Who is signed in?</li>
      </ol>
      <p class="act"><button id="out" type="button">Sign out during a slow request</button></p>
      <p class="status" id="out-status" role="status"></p>
      <div class="scroll" role="region" aria-labelledby="out-caption" tabindex="0">
        <table>
          <caption id="out-caption">Who is signed in afterwards</caption>
          <thead><tr><th scope="col">Store</th><th scope="col">With the old cookie</th><th scope="col">Upload answered</th><th scope="col">Time</th></tr></thead>
          <tbody id="out-rows">${contestants.map((one) => emptyRow(one, 3))}</tbody>
        </table>
      </div>
      <p class="hint">The upload ends only after signing out was answered, so the order is the same on every machine. The
        time is that of all five steps.</p>
    </section>`
}

function emptyRow({ path, name, store }: Contestant, cells: number) {
  return html`<tr data-store="${path}"><th scope="row">${name} <span class="store">${store}</span></th>${Array.from(
    { length: cells },
    () => html`<td>–</td>`,
  )}</tr>`
}
