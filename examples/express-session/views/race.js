import { requests } from '../race/rounds.js'
import { html } from './html.js'
import { sendPage } from './layout.js'

const sections = [
  {
    round: 'values',
    title: `${requests} requests, ${requests} values`,
    about: `Each request reads the session, waits for its database until all ${requests} have, sets a value of its own
      and is answered. How many values does the session hold afterwards?`,
    button: `Send ${requests} overlapping requests`,
    head: 'Values kept',
    cell: keptCell,
  },
  {
    round: 'sign-out',
    title: 'A sign-out under a slow request',
    about: `Ada saves a note. While its handler waits for the database she signs out in another tab. Then the note is
      saved and answered, and somebody comes with her old cookie. Who is signed in?`,
    button: 'Sign out under a slow request',
    head: 'With the old cookie',
    cell: ({ user }) => outcome(user === undefined, user === undefined ? 'nobody' : `${user} is back`),
  },
  {
    round: 'count',
    title: `${requests} requests, one value`,
    about: `Each reads the same number, waits, and sets it to one more. This is beyond any session that is an object: who
      sets a value says nothing of what was there before. In untorn/express such a change is update or increment.`,
    button: `Add ${requests} times one`,
    head: 'Counted',
    cell: keptCell,
  },
]

export function racePage(res, { implementations, results }) {
  sendPage(res, {
    title: 'The race',
    here: '/race',
    main: html`
    <h1>What is left when requests overlap?</h1>
    <p class="lead">Each row is the whole application of this example, with the same options; only the import or the store
      differs. What the page shows was found out when the button was pressed.</p>
    ${sections.map((section) => raceSection(section, implementations, results[section.round]))}`,
  })
}

function raceSection({ round, title, about, button, head, cell }, implementations, found) {
  return html`
    <section class="race" id="${round}" aria-labelledby="${round}-title">
      <h2 id="${round}-title">${title}</h2>
      <p>${about}</p>
      <form method="post" action="/race/${round}"><button>${button}</button></form>
      <table aria-labelledby="${round}-title">
        <thead><tr><th scope="col">Sessions</th><th scope="col">Answered</th><th scope="col">${head}</th></tr></thead>
        <tbody>${implementations.map(
          ({ id, name, store }) => html`
          <tr data-of="${id}"><th scope="row">${name} <span class="store">${store}</span></th>${found ? cells(found[id], cell) : dashes}</tr>`,
        )}
        </tbody>
      </table>
    </section>`
}

const dashes = html`<td>–</td><td>–</td>`

function cells(found, cell) {
  const answered = found.statuses.filter((status) => status < 400).length
  return html`<td>${answered} of ${found.statuses.length}</td><td>${cell(found)}</td>`
}

function keptCell({ kept }) {
  return html`${outcome(kept === requests, `${kept} of ${requests}`)}
            <svg class="bar ${kept === requests ? 'good' : 'bad'}" viewBox="0 0 ${requests} 4" preserveAspectRatio="none" aria-hidden="true"><rect width="${kept}" height="4"></rect></svg>`
}

function outcome(good, text) {
  return html`<span class="${good ? 'good' : 'bad'}">${text}</span>`
}
