import { html } from './html.js'
import { noticeLine, sendPage } from './layout.js'

export function notesPage(res, { session, notice }) {
  const notes = Object.entries(session).filter(([name]) => name.startsWith('note-'))
  sendPage(res, {
    title: 'Two tabs',
    here: '/notes',
    session,
    main: html`
    <h1>Two tabs, one session</h1>
    ${noticeLine(notice)}
    <p class="lead">Open this page in two tabs. Save a note in one, and before it is answered, some four seconds later, the
      other note in the other. Each is a value of its own: <code>req.session['note-left'] = …</code></p>
    <div class="pair">${['left', 'right'].map(noteForm)}</div>
    <section class="panel" aria-labelledby="kept-title">
      <h2 id="kept-title">What the session holds</h2>
      ${
        notes.length === 0
          ? html`<p>No note.</p>`
          : html`<dl class="values">${notes.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`
      }
      <p class="hint">Then sign in, save a note, and sign out in the other tab while it is being saved. Reload: who are you?</p>
    </section>`,
  })
}

export function savedPage(res, { session, tab }) {
  sendPage(res, {
    title: 'Saved',
    session,
    main: html`
    <h1>The ${tab} note is saved</h1>
    <p><a href="/notes">What does the session hold now?</a></p>`,
  })
}

function noteForm(tab) {
  return html`
      <form class="panel" method="post" action="/notes/${tab}">
        <label for="text-${tab}">The ${tab} note</label>
        <input id="text-${tab}" name="text" maxlength="200" required autocomplete="off">
        <button>Save the ${tab} one</button>
      </form>`
}
