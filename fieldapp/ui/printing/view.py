"""打印: choose what and for whom, look at it, print it or keep it as a file. Cancelling leaves nothing half done."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimer
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from fieldapp.services.finding import GroupCount
from fieldapp.services.printing import Document, Printed, PrintRow
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.messages import local_now
from fieldapp.ui.parts import button, empty_stack, ground, in_line, on_key
from fieldapp.ui.printing.columns import file_columns
from fieldapp.ui.printing.presenter import PrintPresenter
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import Card, column, hairline, label
from fieldapp.ui.widgets.keys import KeyCap, Keys
from fieldapp.ui.widgets.marks import Progress as ProgressBar
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _

MADE_HERE = ("household_file",)  # what services/printing makes; another kind brings its own list
PREVIEW_WAIT_MS = 350


class PrintScreen(Screen):
    """The print centre. Households are ticked; by default those that changed since their last print."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("print")
        self._place = place
        self._presenter = PrintPresenter(place, self)
        self._ticked: set[str] = set()
        self._groups: tuple[GroupCount, ...] = ()
        self._rows: tuple[PrintRow, ...] = ()
        self._wanted = ""
        self._printed: Printed | None = None
        self._page = 0
        self._then = ""  # what happens to the papers when they are made: print or save
        self._path_typed = False
        look = theme.current()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        left, right = self._build_left(), self._build_right()
        left.setFixedWidth(look.px(236))
        right.setFixedWidth(look.px(404))
        self._left, self._right = left, right
        for part in (left, column(), self._build_middle(), column(), right):
            whole.addWidget(part, 1 if part not in (left, right) else 0)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(PREVIEW_WAIT_MS)
        self._look.timeout.connect(self._preview)
        presenter = self._presenter
        presenter.documents_read.connect(self._show_documents)
        presenter.groups_read.connect(self._show_groups)
        presenter.rows_read.connect(self._show_print_rows)
        presenter.progressed.connect(self._show_progress)
        presenter.made.connect(self._show_made)
        presenter.page_drawn.connect(self._show_page)
        presenter.saved.connect(self._show_saved)
        presenter.stopped.connect(self._show_stop)
        presenter.code_found.connect(self._show_code)
        presenter.failed.connect(self._show_stop)

    # building

    def _build_left(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        title = label(_("印什么"), "section")
        title.setContentsMargins(look.px(14), look.px(8), 0, look.px(8))
        lines.addWidget(title)
        self._documents: RowTable[Document] = RowTable(
            RowsModel(
                [
                    Column("", lambda document: Shown(self._document_key(document), tone="quiet"), 58),
                    Column("", lambda document: Shown(_(document.title), second=_(document.remark))),
                ]
            ),
            "print_documents",
            _("印什么"),
            row_height=44,
            head=False,
        )
        lines.addWidget(self._documents, 1)
        for number in range(1, len(MADE_HERE) + 1):
            on_key(self, f"Alt+{number}", partial(self._choose_document, number - 1))
        lines.addWidget(hairline())
        foot = ground("side")
        box = QVBoxLayout(foot)
        box.setContentsMargins(look.px(14), look.px(8), look.px(10), look.px(10))
        box.addWidget(label(_("短码或扫码打开户"), "hint"))
        self._code = QLineEdit()
        self._code.setObjectName("print_code")
        self._code.setAccessibleName(_("短码或户号"))
        self._code.setPlaceholderText(_("如 QS3-7K2M"))
        self._code.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._code.returnPressed.connect(lambda: self._presenter.find_code(self._code.text().strip()))
        box.addWidget(in_line([self._code, KeyCap("Ctrl+O")], gap=6))
        lines.addWidget(foot)
        self._documents.moved.connect(self._read_rows)
        self._documents.opened.connect(lambda: self._list.setFocus())
        return area

    def _build_middle(self) -> QWidget:
        look = theme.current()
        area = ground()
        lines = QVBoxLayout(area)
        lines.setContentsMargins(look.px(16), look.px(8), look.px(16), look.px(10))
        lines.setSpacing(look.px(8))
        self._title, self._count = label("", "section"), label("", "strong")
        self._village = ChoiceButton("print_village", _("村"), "Alt+C")
        self._group = ChoiceButton("print_group", _("组"), "Alt+Z")
        self._which = ChoiceButton("print_which", _("印哪些"), "Alt+F")
        self._village.offer([("", _("全部村"))])
        self._group.offer([("", _("全部组"))])
        self._which.offer([("changed", _("只印变了的")), ("all", _("全都印")), ("own", _("自己勾"))])
        lines.addWidget(in_line([self._title, self._village, self._group, None, self._count]))
        self._which_line = in_line([self._which, None, label(_("空格勾或不勾"), "hint")])
        lines.addWidget(self._which_line)
        self._model: RowsModel[PrintRow] = RowsModel(file_columns(self._ticked))
        self._list: RowTable[PrintRow] = RowTable(self._model, "print_list", _("印谁的"), row_height=31)
        lines.addWidget(self._list, 1)
        self._card = QFrame()
        self._card.setObjectName("print_result")
        self._card.setProperty("kind", "card")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        self._headline, self._progress_count = label("", "strong", wrap=True), label("", "label")
        head = QHBoxLayout()
        head.addWidget(self._headline, 1)
        head.addWidget(self._progress_count)
        inside.addLayout(head)
        self._bar = ProgressBar()
        self._bar.setFixedHeight(look.px(12))
        inside.addWidget(self._bar)
        self._bar.hide()
        lines.addWidget(self._card)
        self._path = QLineEdit()
        self._path.setObjectName("print_path")
        self._path.setAccessibleName(_("存到哪里"))
        self._path.textEdited.connect(self._path_edited)
        self._path.returnPressed.connect(self.counter_deed)
        lines.addWidget(in_line([label(_("存到"), "hint"), self._path]))
        self._start = button(_("开始印"), "F9", "print_start", self.main_deed, "primary", shortcut=False)
        self._save = button(_("存成 PDF"), "Shift+F9", "print_save", self.counter_deed, shortcut=False)
        self._one = button(_("只印这一户"), "Enter", "print_one", self._print_one, shortcut=False)
        self._stop = button(_("取消"), "Esc", "print_cancel", self._presenter.cancel, shortcut=False)
        lines.addWidget(in_line([self._start, self._save, self._one, self._stop, None]))
        self._stop.hide()
        self._list.moved.connect(self._row_moved)
        self._list.toggled.connect(self._toggle)
        self._list.opened.connect(self._print_one)
        self._list.entered.connect(self.keys_changed)
        self._village.chosen.connect(self._choose_village)
        self._group.chosen.connect(lambda _group: self._read_rows())
        self._which.chosen.connect(lambda _which: self._tick_by_choice())
        on_key(self, "Ctrl+A", self._tick_all)
        return area

    def _build_right(self) -> QWidget:
        look = theme.current()
        area = ground("side")
        lines = QVBoxLayout(area)
        lines.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        lines.setSpacing(look.px(8))
        self._preview_hint = label("", "label")
        self._preview_hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        head.addWidget(label(_("预览"), "section"))
        head.addWidget(self._preview_hint, 1)
        lines.addLayout(head)
        self._sheet = QLabel()
        self._sheet.setObjectName("print_preview")
        self._sheet.setAccessibleName(_("预览"))
        self._sheet.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._sheet.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        lines.addWidget(self._sheet, 1)
        self._nothing = Card(_("还没有要看的"), _("选一户，这里就出样张。"))
        lines.addWidget(self._nothing)
        lines.addWidget(in_line([None, KeyCap(("←", "→"), _("翻页")), None]))
        return area

    # what is shown

    def fit(self, narrow: bool) -> None:
        self._left.setVisible(not narrow)

    def heading(self) -> str:
        return _("打印")

    def show_subject(self, subject: str) -> None:
        self._wanted = subject

    def arrive(self) -> None:
        self._presenter.load()
        self._list.setFocus()

    def look_again(self) -> bool:
        self._presenter.load()
        return True

    def _kind(self) -> str:
        document = self._documents.current_row()
        return document.kind if document is not None else ""

    def _document_key(self, document: Document) -> str:
        rows = self._documents.rows_model().rows
        return f"Alt+{rows.index(document) + 1}" if document in rows else ""

    def _show_documents(self, documents: tuple[Document, ...]) -> None:
        here = [document for document in documents if document.kind in MADE_HERE]
        before = self._kind()
        self._documents.show_rows(here, lambda document: document.kind)
        if self._kind() == before:
            self._read_rows()
        if not here:
            self._headline.setText(_("您这个岗位没有要印的"))
            self._start.setEnabled(False)
            self._save.setEnabled(False)
            self._one.setEnabled(False)

    def _choose_document(self, at: int) -> None:
        if at < self._documents.rows_model().rowCount():
            self._documents.go_to(at)
            self._list.setFocus()

    def _show_groups(self, groups: tuple[GroupCount, ...]) -> None:
        self._groups = groups
        self._village.offer([("", _("全部村")), *dict.fromkeys((g.village_code, g.village_name) for g in groups)])
        self._offer_groups()

    def _offer_groups(self) -> None:
        here = [g for g in self._groups if self._village.value in ("", g.village_code)]
        self._group.offer([("", _("全部组")), *dict.fromkeys((g.group, g.group) for g in here)])

    def _choose_village(self) -> None:
        self._offer_groups()
        self._read_rows()

    def _read_rows(self) -> None:
        document = self._documents.current_row()
        self._title.setText(_(document.title) if document is not None else "")
        self._forget_papers()
        if document is not None:
            self._presenter.read_rows(self._village.value, self._group.value)
        self.keys_changed.emit()

    def _show_print_rows(self, rows: tuple[PrintRow, ...]) -> None:
        self._rows = rows
        self._ticked.clear()
        wanted, self._wanted = self._wanted, ""
        self._list.show_rows(rows, lambda row: row.household)
        if wanted and self._list.go_to_where(lambda row: row.household == wanted):
            self._ticked.add(wanted)
            self._show_count()
        else:
            self._tick_by_choice()
        self._row_moved()

    def _tick_by_choice(self) -> None:
        which = self._which.value
        self._ticked.clear()
        if which != "own":
            self._ticked.update(row.household for row in self._rows if which == "all" or row.selected)
        self._show_count()

    def _tick_all(self) -> None:
        self._ticked.update(row.household for row in self._rows)
        self._show_count()

    def _toggle(self) -> None:
        row = self._list.current_row()
        if row is not None:
            self._ticked ^= {row.household}
            self._show_count()

    def _show_count(self) -> None:
        self._list.viewport().update()
        self._count.setText(_("{all} 户里选了 {n} 户").format(all=len(self._rows), n=len(self._ticked)))
        self._start.setEnabled(bool(self._ticked))
        self._save.setEnabled(bool(self._ticked))
        if not self._presenter.running:
            self._headline.setText(
                _("按 F9 印勾了的 {n} 户，按 Enter 只印这一户").format(n=len(self._ticked))
                if self._ticked
                else _("一户都没勾。按空格勾一户")
            )
        self._suggest_path()

    def _row_moved(self) -> None:
        if self._list.current_row() is not None:
            self._look.start()

    def _preview(self) -> None:
        row = self._list.current_row()
        if row is not None and self.isVisible() and not self._presenter.running:
            self._presenter.preview(row.household)

    def _forget_papers(self) -> None:
        self._printed = None
        self._sheet.clear()
        self._preview_hint.setText("")
        self._nothing.show()

    def _suggest_path(self) -> None:
        if self._path_typed:
            return
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        parts = (self._title.text(), f"{len(self._ticked)}户", f"{self._place.session.today():%Y%m%d}")
        name = "-".join(part for part in parts if part)
        self._path.setText(str(Path(documents or ".") / f"{name}.pdf"))
        self._path.setCursorPosition(0)

    def _path_edited(self) -> None:
        self._path_typed = True

    # papers

    def main_deed(self) -> bool:
        self._make("print")
        return True

    def counter_deed(self) -> bool:
        self._make("save")
        return True

    def print_this(self) -> bool:
        return self.main_deed()

    def _print_one(self) -> None:
        row = self._list.current_row()
        if row is not None and not self._presenter.running:
            self._begin("print", _("正在生成 {name}户").format(name=row.head_name))
            self._presenter.make_files([row.household])

    def _make(self, then: str) -> None:
        if not self._presenter.running and self._start.isEnabled():
            self._begin(then, _("正在生成"))
            self._presenter.make_files([row.household for row in self._rows if row.household in self._ticked])

    def _begin(self, then: str, words: str) -> None:
        self._then = then
        self._look.stop()
        self._headline.setText(words)
        self._progress_count.setText("")
        self._bar.show_progress(0, 0)
        self._set_running(True)

    def _set_running(self, running: bool) -> None:
        self._bar.setVisible(running)
        self._stop.setVisible(running)
        for part in (self._start, self._save, self._one):
            part.setEnabled(not running)
        self.keys_changed.emit()

    def _show_progress(self, done: int, total: int, name: str) -> None:
        if self._presenter.running:
            self._headline.setText(_("正在生成 {name}户。取消也不会留半截文件").format(name=name))
            self._progress_count.setText(_("{done} / {total} 户").format(done=done, total=total))
            self._bar.show_progress(done, total)

    def _show_made(self, printed: Printed, preview: bool) -> None:
        self._printed, self._page = printed, 0
        self._draw()
        if preview:
            return
        self._set_running(False)
        pages = (
            _("{h} 户 {p} 页").format(h=printed.households, p=printed.pages)
            if printed.households
            else _("{p} 页").format(p=printed.pages)
        )
        missing = "".join(printed.missing_glyphs)
        words = _("生成了 {pages}").format(pages=pages) + (
            _("；“{c}”印不出，装上生僻字库再印").format(c=missing) if missing else ""
        )
        self._headline.setText(words)
        if self._then == "save":
            path = Path(self._path.text().strip())
            self._presenter.save(printed, path if path.suffix.lower() == ".pdf" else path.with_name(path.name + ".pdf"))
        else:
            from fieldapp.ui.printing.paper import print_pdf

            sent = print_pdf(printed.pdf, self._title.text(), self)
            self._headline.setText(
                words + "　" + (_("已交给打印机") if sent else _("没有送去打印；按 Shift+F9 可存成 PDF"))
            )
        self._after_papers(words)

    def _after_papers(self, words: str) -> None:
        self.said.emit(Said("ok", words + _("，{time} 记进打印登记").format(time=f"{local_now():%H:%M:%S}")))
        self._presenter.read_rows(self._village.value, self._group.value)
        self._list.setFocus()

    def _show_saved(self, path: str) -> None:
        self._headline.setText(_("存好了：{path}。这份不加密，用完请删").format(path=path))
        self.said.emit(Said("ok", _("PDF 存好了；这份不加密，用完请删")))

    def _show_stop(self, sentence: str) -> None:
        self._set_running(False)
        self._headline.setText(sentence)
        self.said.emit(Said("ageing", sentence))

    def _draw(self) -> None:
        if self._printed is not None and self._printed.pages:
            if self._nothing.isVisible():
                self._nothing.hide()
                QTimer.singleShot(0, self, self._draw)  # once the room of the card is free
                return
            ratio = self.devicePixelRatioF()
            width = min(self._sheet.width() - 8, round((self._sheet.height() - 8) / 1.4143))
            self._presenter.draw(self._printed, self._page, max(120, round(width * ratio)))

    def _show_page(self, image: QImage, number: int) -> None:
        if self._printed is None or number != self._page:
            return
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._sheet.setPixmap(QPixmap.fromImage(image))
        self._nothing.hide()
        row = self._list.current_row()
        name = _("{name}户　").format(name=row.head_name) if row is not None else ""
        self._preview_hint.setText(name + _("第 {n} 页，共 {all} 页").format(n=number + 1, all=self._printed.pages))

    def _show_code(self, household: str) -> None:
        if household:
            self._place.go("households", household)
        else:
            self.said.emit(Said("ageing", _("这台电脑上没有“{code}”这个号").format(code=self._code.text().strip())))

    # keys

    def open_number(self) -> bool:
        self._code.setFocus()
        self._code.selectAll()
        return True

    def step_back(self) -> bool:
        if self._presenter.running:
            self._presenter.cancel()
            return True
        if self._code.hasFocus() or self._path.hasFocus():
            self._list.setFocus()
            return True
        return False

    def subject(self) -> str:
        row = self._list.current_row()
        return row.household if row is not None else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and self._printed is not None and 0 <= self._page + step < self._printed.pages:
            self._page += step
            self._draw()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    def panes(self) -> Sequence[QWidget]:
        return (self._documents, self._list, self._path, self._code)

    def strip(self) -> Sequence[Keys]:
        if self._presenter.running:
            return ((("Esc",), _("取消")),)
        count = self._documents.rows_model().rowCount()
        return (
            ((f"Alt+1…{count}" if count > 1 else "Alt+1",), _("印什么")),
            (("↑", "↓"), _("选户")),
            (("Space",), _("勾或不勾")),
            (("Ctrl+A",), _("全选")),
            (("←", "→"), _("翻页")),
            (("F9",), _("开始印")),
            (("Shift+F9",), _("存成 PDF")),
            (("Esc",), _("返回")),
        )
