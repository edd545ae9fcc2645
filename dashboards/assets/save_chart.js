// Saves the drawing of a card as SVG or PNG, in the browser. One listener for the whole page:
// Streamlit redraws its elements, and buttons that come later must work as well.
if (!window.chartsCanBeSaved) {
  window.chartsCanBeSaved = true;
  const save = (address, name) => {
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
  };
  const saveAsPng = (address, drawing, name) => {
    const picture = new Image();
    picture.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = 2 * drawing.width.baseVal.value;
      canvas.height = 2 * drawing.height.baseVal.value;
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      save(canvas.toDataURL("image/png"), name);
    };
    picture.src = address;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]");
    if (!button) return;
    const drawing = document.querySelector(`.st-key-${button.dataset.card} svg.marks`);
    const text = new XMLSerializer().serializeToString(drawing);
    const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    const name = `${button.dataset.name}.${button.dataset.save}`;
    if (button.dataset.save === "svg") save(address, name);
    else saveAsPng(address, drawing, name);
  });
}
