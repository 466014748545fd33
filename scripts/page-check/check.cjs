// check.cjs CHROMIUM DIR: opens each page of DIR in a browser, and looks. A browser that
// hangs is killed, with its processes, after LIMIT seconds of the environment.
const { chromium } = require('playwright-core')
const fs = require('fs')
const path = require('path')

const [, , executablePath, dir] = process.argv
const widths = [1280, 390]
const limit = Number(process.env.LIMIT || 300)
let wrong = 0
const say = (page, what) => { wrong++; console.error(`${page}: ${what}`) }

// wide returns what reaches beyond the window, but for what is hidden on purpose.
const wide = () => {
  const all = []
  if (document.documentElement.scrollWidth > innerWidth) all.push(`the page is ${document.documentElement.scrollWidth} wide`)
  for (const e of document.body.querySelectorAll('*')) {
    const box = e.getBoundingClientRect()
    if (box.width && (box.right > innerWidth + 0.5 || box.left < -0.5) && !e.closest('thead, [aria-hidden]')) {
      all.push(`${e.tagName} ${e.getAttribute('class') || ''} from ${box.left} to ${box.right}: ${e.textContent.trim().slice(0, 40)}`)
    }
  }
  return all.slice(0, 5)
}

// unfit returns what a reader of the page without eyes, or without colours, does not get.
const unfit = () => {
  const all = []
  for (const svg of document.querySelectorAll('svg:not([aria-hidden]):not(svg svg)')) {
    const named = (svg.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean)
    if (svg.getAttribute('role') !== 'img' || named.length < 2 || named.some(id => !document.getElementById(id)?.textContent)) {
      all.push('a drawing without title or description')
    }
  }
  if (document.scripts.length) all.push('a script')
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
  if (new Set(ids).size !== ids.length) all.push('an id twice')
  // Contrast of text, WCAG 2: 4.5 to 1.
  const parse = c => (c.match(/[\d.]+/g) || []).map(Number)
  const lum = ([r, g, b]) => {
    const f = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b)
  }
  const back = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor)
      if (c.length === 3 || c[3] > 0) return c
    }
    return [255, 255, 255]
  }
  const seen = new Set()
  for (const e of document.body.querySelectorAll('*')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue
    if (e.closest('defs, title, desc')) continue
    const style = getComputedStyle(e)
    const [a, b] = [lum(parse(e.closest('svg') ? style.fill : style.color)), lum(back(e))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const key = `${e.tagName} ${e.getAttribute('class')}`
    if (ratio < 4.5 && !seen.has(key)) {
      seen.add(key)
      all.push(`contrast of ${key} is ${ratio.toFixed(1)}`)
    }
  }
  return all
}

;(async () => {
  const server = await chromium.launchServer({ executablePath, args: ['--no-sandbox'], timeout: limit * 1000 })
  const watch = setTimeout(async () => {
    console.error(`the browser did not answer for ${limit} s`)
    await server.kill()
    process.exit(1)
  }, limit * 1000)
  const browser = await chromium.connect(server.wsEndpoint())
  const pages = fs.readdirSync(dir).filter(f => f.endsWith('.html'))
  for (const file of pages) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of widths) {
        const name = `${path.basename(file, '.html')}-${width}-${colorScheme}`
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
        const url = 'file://' + path.join(dir, file)
        page.on('console', m => say(name, `console: ${m.text()}`))
        page.on('pageerror', e => say(name, `error: ${e}`))
        page.on('dialog', d => { say(name, `a dialog: ${d.message()}`); d.dismiss() })
        page.on('request', r => { if (r.url() !== url && !r.url().startsWith('data:')) say(name, `request: ${r.url()}`) })
        await page.goto(url)
        for (const what of await page.evaluate(wide)) say(name, what)
        for (const what of await page.evaluate(unfit)) say(name, what)
        await page.screenshot({ path: path.join(dir, name + '.png'), fullPage: true })
        await page.close()
      }
    }
    const page = await browser.newPage({ viewport: { width: 1030, height: 690 } })
    await page.goto('file://' + path.join(dir, file))
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    for (const what of await page.evaluate(wide)) say(file + ' on paper', what)
    await page.screenshot({ path: path.join(dir, path.basename(file, '.html') + '-paper.png'), fullPage: true })
    await page.pdf({ path: path.join(dir, path.basename(file, '.html') + '.pdf'), format: 'A4', printBackground: false })
    await page.close()
  }
  await server.close()
  clearTimeout(watch)
  console.log(`${pages.length} pages, each at ${widths.join(' and ')} wide, light and dark, and on paper: ${wrong} faults`)
  process.exit(pages.length && !wrong ? 0 : 1)
})().catch(e => {
  console.error(e)
  process.exit(1)
})
